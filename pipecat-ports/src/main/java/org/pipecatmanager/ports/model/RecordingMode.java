package org.pipecatmanager.ports.model;

import java.util.Locale;

/** Whether the sound of an agent's calls is kept. */
public enum RecordingMode {
    /** It is not. */
    OFF,
    /** Left what the caller said, right what it heard. */
    STEREO;

    /** As {@code agents.yaml} and the API have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
