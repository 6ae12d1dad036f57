package org.pipecatmanager.adapter.mysql;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Pipecatcall;

/**
 * Where a page ended: the last record's place in the order of the listing.
 *
 * @param created null for records without a moment, which come last
 */
record PageToken(@Nullable Instant created, UUID id) {
    private static final int MAX_CHARS = 200;

    /** The place of a record. */
    static PageToken of(Pipecatcall call) {
        return new PageToken(call.created(), call.id().value());
    }

    /** URL-safe text. */
    String text() {
        var place = (created == null ? "" : created) + "/" + id;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(place.getBytes(StandardCharsets.US_ASCII));
    }

    /** The place a text stands for; null for one that is not ours. */
    static @Nullable PageToken read(String text) {
        if (text.isEmpty() || text.length() > MAX_CHARS) {
            return null;
        }
        try {
            var parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII).split("/", 2);
            if (parts.length < 2) {
                return null;
            }
            // Columns hold years of four digits; a moment beyond them is not ours.
            var created = parts[0].isEmpty() ? null : Instant.parse(parts[0]);
            if (created != null && (created.isBefore(Instant.EPOCH) || created.getEpochSecond() > 253_402_300_799L)) {
                return null;
            }
            return new PageToken(created, UUID.fromString(parts[1]));
        } catch (IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }
}
