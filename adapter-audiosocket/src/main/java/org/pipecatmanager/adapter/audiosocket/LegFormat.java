package org.pipecatmanager.adapter.audiosocket;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioFormat;

/**
 * Which kind byte and which rate a leg speaks.
 *
 * <p>Until the first audio arrives that is 0x10 at 8 kHz, which every Asterisk takes; from then on the kind that arrives.
 * Asterisk before 22.7 sends every rate as 0x10, and ends the call at any other kind: so there the kind byte stays and the
 * rate is the one that was asked for, where one was, or 16 kHz once 640-byte messages come at about 50 a second.
 */
final class LegFormat {
    private static final int SLIN_16K_FRAME_BYTES = 640;
    private static final int ULAW_FRAME_BYTES = 160;

    private final @Nullable AudioFormat requested;
    private final Cadence wide = new Cadence(SLIN_16K_FRAME_BYTES);
    private final Cadence ulaw = new Cadence(ULAW_FRAME_BYTES);
    private AudioKind kind = AudioKind.SLIN;
    private AudioFormat format = AudioFormat.SLIN_8K;
    private AudioFormat formatOfSlin = AudioFormat.SLIN_8K;
    private boolean ulawTold;

    LegFormat(Optional<AudioFormat> requested) {
        this.requested = requested.orElse(null);
        if (this.requested != null) {
            formatOfSlin = this.requested;
        }
    }

    /**
     * An audio message began.
     *
     * @param messageBytes its length, above 0
     * @return true, once per leg, when the far end turns out to send µ-law or A-law under the name of linear PCM
     */
    boolean arrived(AudioKind arrivedKind, int messageBytes, long nowNanos) {
        kind = arrivedKind;
        if (arrivedKind.code() != AudioKind.SLIN.code()) {
            format = arrivedKind.format();
            return false;
        }
        if (requested == null && wide.completedBy(messageBytes, nowNanos)) {
            formatOfSlin = AudioFormat.SLIN_16K;
        }
        format = formatOfSlin;
        boolean isUlaw = ulaw.completedBy(messageBytes, nowNanos) && !ulawTold;
        ulawTold |= isUlaw;
        return isUlaw;
    }

    /** The kind byte to write. */
    AudioKind kind() {
        return kind;
    }

    /** The rate of what arrives and of what is to be written. */
    AudioFormat format() {
        return format;
    }
}
