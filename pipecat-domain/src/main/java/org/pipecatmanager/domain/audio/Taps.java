package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.pipecatmanager.ports.out.TimeSource;

/** Who listens in on a leg; nobody, mostly: then a message or a frame costs one read of a field. */
final class Taps {
    private static final AudioTap[] NOBODY = {};

    private final TimeSource time;
    private final AtomicReference<AudioTap[]> taps = new AtomicReference<>(NOBODY);

    Taps(TimeSource time) {
        this.time = time;
    }

    /** Any thread. */
    void add(AudioTap tap) {
        taps.updateAndGet(before -> {
            AudioTap[] more = Arrays.copyOf(before, before.length + 1);
            more[before.length] = tap;
            return more;
        });
    }

    /** Any thread; a call to it may still be under way. */
    void remove(AudioTap tap) {
        taps.updateAndGet(before -> {
            List<AudioTap> left = new ArrayList<>(List.of(before));
            left.remove(tap);
            return left.isEmpty() ? NOBODY : left.toArray(NOBODY);
        });
    }

    void caller(ByteBuffer pcm, int sampleRateHz) {
        AudioTap[] now = taps.getAcquire();
        if (now.length > 0) {
            long nanos = time.nanoTime();
            for (AudioTap tap : now) {
                tap.caller(nanos, pcm, sampleRateHz);
            }
        }
    }

    void heard(long nowNanos, short[] frame, int length, int sampleRateHz, boolean bot) {
        for (AudioTap tap : taps.getAcquire()) {
            tap.heard(nowNanos, frame, length, sampleRateHz, bot);
        }
    }

    void ended() {
        for (AudioTap tap : taps.getAcquire()) {
            tap.ended();
        }
    }
}
