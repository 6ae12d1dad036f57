package org.pipecatmanager.ports.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.RequestException;

/** A listing: the question as query parameters, the answer as one page. */
public final class ListWire {
    private ListWire() {}

    /**
     * Reads {@code page_size}, {@code page_token}, {@code customer_id}, {@code reference_id}, {@code host_id} and
     * {@code status}; others are ignored, and an empty one is as good as none.
     *
     * @param parameters decoded, one value each
     * @throws RequestException a value is malformed
     */
    public static ListQuery queryFromParameters(Map<String, String> parameters) {
        var reader = new MapReader(parameters);
        var hostId = reader.text("host_id");
        return new ListQuery(
                pageSize(reader),
                reader.text("page_token"),
                given(reader.uuid("customer_id")),
                given(reader.uuid("reference_id")),
                hostId.isEmpty() ? null : hostId,
                reader.namedOrNull("status", PipecatcallStatus::ofWireName));
    }

    /** {@code {result, next_page_token}}, both always printed. */
    public static <T> Map<String, @Nullable Object> toMap(
            Page<T> page, Function<? super T, Map<String, @Nullable Object>> item) {
        var map = toMap(page.result(), item);
        map.put("next_page_token", page.nextPageToken());
        return map;
    }

    /** {@code {result}}, always printed: a list that comes whole. */
    public static <T> Map<String, @Nullable Object> toMap(
            List<T> all, Function<? super T, Map<String, @Nullable Object>> item) {
        var result = new ArrayList<Map<String, @Nullable Object>>();
        for (var one : all) {
            result.add(item.apply(one));
        }
        return new MapWriter().always("result", result).map();
    }

    private static int pageSize(MapReader reader) {
        var text = reader.text("page_size");
        if (text.isEmpty()) {
            return ListQuery.DEFAULT_PAGE_SIZE;
        }
        if (text.length() <= 6 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int size = Integer.parseInt(text);
            if (size >= 1 && size <= ListQuery.MAX_PAGE_SIZE) {
                return size;
            }
        }
        throw reader.invalid("page_size", "is '" + MapReader.shown(text) + "'; use 1 to " + ListQuery.MAX_PAGE_SIZE);
    }

    private static @Nullable UUID given(UUID id) {
        return id.equals(Ids.ZERO) ? null : id;
    }
}
