package org.pipecatmanager.adapter.audiosocket;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioFormat;

/** The audio kinds of the wire, 0x10 to 0x18: signed 16-bit little-endian mono at a rate each. */
enum AudioKind {
    SLIN_8K(8000),
    SLIN_12K(12_000),
    SLIN_16K(16_000),
    SLIN_24K(24_000),
    SLIN_32K(32_000),
    SLIN_44K(44_100),
    SLIN_48K(48_000),
    SLIN_96K(96_000),
    SLIN_192K(192_000);

    private static final int FIRST_CODE = 0x10;
    private static final AudioKind[] BY_CODE = values();

    private final AudioFormat format;

    AudioKind(int sampleRateHz) {
        this.format = new AudioFormat(sampleRateHz);
    }

    /** The kind of a message's first byte, or null when that is not audio. */
    static @Nullable AudioKind ofCode(int code) {
        int index = code - FIRST_CODE;
        return index >= 0 && index < BY_CODE.length ? BY_CODE[index] : null;
    }

    int code() {
        return FIRST_CODE + ordinal();
    }

    AudioFormat format() {
        return format;
    }
}
