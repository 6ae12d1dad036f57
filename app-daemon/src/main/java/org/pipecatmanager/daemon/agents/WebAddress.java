package org.pipecatmanager.daemon.agents;

import java.net.URI;
import java.net.URISyntaxException;

/** Checks addresses that HTTP requests will go to. */
final class WebAddress {
    private WebAddress() {}

    /** Whether it is http or https and names a host. */
    static boolean isUsable(String text) {
        try {
            URI uri = new URI(text);
            return uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
