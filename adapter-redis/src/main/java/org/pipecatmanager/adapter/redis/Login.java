package org.pipecatmanager.adapter.redis;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;

/** User and password of a URL, {@code user:password} with percent escapes; without a colon all of it is the password. */
record Login(String user, Secret password) {
    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

    static Login of(@Nullable String text) {
        if (text == null) {
            return new Login("", Secret.of(""));
        }
        if (BAD_ESCAPE.matcher(text).find()) {
            throw new ConfigurationException(List.of("the user or the password in REDIS_ADDRESS has a % that is no"
                    + " escape; write %25, or use REDIS_PASSWORD"));
        }
        int colon = text.indexOf(':');
        return new Login(
                colon < 0 ? "" : decoded(text.substring(0, colon)), Secret.of(decoded(text.substring(colon + 1))));
    }

    /** A plus is a plus: only forms mean a space with it. */
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
