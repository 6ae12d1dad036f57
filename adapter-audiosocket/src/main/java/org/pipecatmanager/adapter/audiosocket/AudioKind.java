package org.pipecatmanager.adapter.audiosocket;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioFormat;

/**
 * An audio kind of the wire, 0x10 to 0x18: signed 16-bit little-endian mono at a rate each. One instance per kind.
 *
 * @param code first byte of its messages
 */
record AudioKind(int code, AudioFormat format) {
    /** All of them, by code. */
    static final List<AudioKind> ALL = List.of(
            new AudioKind(0x10, AudioFormat.SLIN_8K),
            new AudioKind(0x11, new AudioFormat(12_000)),
            new AudioKind(0x12, AudioFormat.SLIN_16K),
            new AudioKind(0x13, new AudioFormat(24_000)),
            new AudioKind(0x14, new AudioFormat(32_000)),
            new AudioKind(0x15, new AudioFormat(44_100)),
            new AudioKind(0x16, new AudioFormat(48_000)),
            new AudioKind(0x17, new AudioFormat(96_000)),
            new AudioKind(0x18, new AudioFormat(192_000)));

    /** 8 kHz, and in Asterisk before 22.7 every rate. */
    static final AudioKind SLIN = ALL.getFirst();
    /** The one with the largest frames. */
    static final AudioKind SLIN_192K = ALL.getLast();

    /** The kind of a message's first byte, or null when that is not audio. */
    static @Nullable AudioKind ofCode(int code) {
        int index = code - SLIN.code;
        return index >= 0 && index < ALL.size() ? ALL.get(index) : null;
    }
}
