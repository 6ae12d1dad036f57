package org.pipecatmanager.daemon;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Where the product is on this machine. */
final class Home {
    /** The folder with {@code python-runner}, where it is not the one the jar was built in. */
    private static final String PROPERTY = "pipecat-manager.home";

    private Home() {}

    /** The property, or the root of the tree whose {@code app-daemon/target} holds the jar or the classes. */
    static Path folder() {
        String property = System.getProperty(PROPERTY, "");
        if (!property.isEmpty()) {
            return Path.of(property);
        }
        try {
            Path code = Path.of(Home.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path root = code.resolve("../../..").normalize();
            return Objects.requireNonNullElse(root, code);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the daemon's own place cannot be read; set -D" + PROPERTY, e);
        }
    }
}
