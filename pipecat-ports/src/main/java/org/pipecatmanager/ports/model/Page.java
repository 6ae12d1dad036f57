package org.pipecatmanager.ports.model;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param nextPageToken empty on the last page
 */
public record Page<T>(List<T> result, String nextPageToken) {
    public Page {
        result = List.copyOf(result);
    }
}
