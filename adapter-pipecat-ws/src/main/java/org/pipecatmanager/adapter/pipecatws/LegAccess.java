package org.pipecatmanager.adapter.pipecatws;

import org.pipecatmanager.ports.model.Secret;

/** Who may be a caller over WebSocket. Called by the loop that has the socket: never blocks. */
@FunctionalInterface
public interface LegAccess {
    /**
     * Lets one pass.
     *
     * @param token  what it presented, empty for nothing
     * @param host   header {@code Host}, empty without one
     * @param origin header {@code Origin}, empty without one: browsers send it, other programs need not
     * @throws org.pipecatmanager.ports.out.RequestException 401 or 403
     */
    void check(Secret token, String host, String origin);
}
