package org.pipecatmanager.ports.model;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which records to list, newest first. Null criteria match everything.
 *
 * @param pageSize  1 to 1000
 * @param pageToken opaque, from the page before; empty for the first page
 */
public record ListQuery(
        int pageSize,
        String pageToken,
        @Nullable UUID customerId,
        @Nullable UUID referenceId,
        @Nullable String hostId,
        @Nullable PipecatcallStatus status) {
    /** Records a page holds unless asked otherwise. */
    public static final int DEFAULT_PAGE_SIZE = 50;
    /** Records a page holds at most. */
    public static final int MAX_PAGE_SIZE = 1000;

    public ListQuery {
        if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
            throw new IllegalArgumentException("page_size is " + pageSize + "; use 1 to " + MAX_PAGE_SIZE);
        }
    }

    /** The first page of everything. */
    public static ListQuery all() {
        return new ListQuery(DEFAULT_PAGE_SIZE, "", null, null, null, null);
    }
}
