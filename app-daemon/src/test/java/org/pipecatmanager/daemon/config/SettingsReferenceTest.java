package org.pipecatmanager.daemon.config;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.daemon.reference.ReferencePage;

/** {@code docs/settings.md} has every key, with the default and the meaning that {@code run --help} prints. */
class SettingsReferenceTest {
    @Test
    void the_page_has_every_setting() throws IOException {
        Map<String, List<String>> settings = new LinkedHashMap<>();
        for (Key key : Key.values()) {
            String given = key.defaultValue();
            settings.put(
                    key.name(),
                    List.of(given.isEmpty() ? "–" : "`" + given + "`", mode(key), key.meaning() + secrecy(key)));
        }
        ReferencePage.check("settings.md", settings);
    }

    private static String mode(Key key) {
        return key.isUsed(true) ? key.isUsed(false) ? "both" : "platform" : "embedded";
    }

    private static String secrecy(Key key) {
        return key.isSecret() ? "; secret, never printed" : "";
    }
}
