package org.pipecatmanager.domain.recording;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.audio.Resampler;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.StoreException;

/**
 * The recording of one call, in rounds of half a second: it empties the ring, mixes and writes, until the leg is gone or the disk is
 * full. It begins with the first piece; a call without sound has none.
 *
 * <p><b>Threads.</b> One round at a time, each on a thread that may wait.
 */
final class CallRecording {
    private static final Logger LOG = System.getLogger(CallRecording.class.getPackageName());
    private static final Duration ROUND = Duration.ofMillis(500);
    /** A leg shows its rate with the caller's first audio, and may need some frames to be sure. */
    private static final long SETTLING_NANOS = Duration.ofSeconds(1).toNanos();

    private static final int NARROW_HZ = 8_000;
    private static final int WIDE_HZ = 16_000;

    /** A piece that waits until it is known at which rate the call is kept. */
    private static final class Early {
        private final boolean caller;
        private final long nanos;
        private final int sampleRateHz;
        private final short[] samples;

        Early(boolean caller, long nanos, int sampleRateHz, short[] samples) {
            this.caller = caller;
            this.nanos = nanos;
            this.sampleRateHz = sampleRateHz;
            this.samples = samples;
        }
    }

    private final PipecatcallId id;
    private final AudioBridge bridge;
    private final RecorderPorts ports;
    private final Runnable onFinished;
    private final TapRing ring = new TapRing();
    private final List<Early> early = new ArrayList<>();
    private @Nullable StereoMix mix;
    private Recordings.@Nullable Recording file;

    CallRecording(PipecatcallId id, AudioBridge bridge, RecorderPorts ports, Runnable onFinished) {
        this.id = id;
        this.bridge = bridge;
        this.ports = ports;
        this.onFinished = onFinished;
    }

    /** Begins to listen; any thread, before the leg's first tick. */
    void begin() {
        bridge.tap(ring);
        next();
    }

    private void next() {
        ports.alarms().after(ROUND, () -> ports.threads().accept("recording-" + id, this::round));
    }

    private void round() {
        boolean over = true;
        try {
            over = write();
        } catch (StoreException e) {
            failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // The message may hold anything; kind and place are enough to find the defect.
            StackTraceElement[] trace = e.getStackTrace();
            failed(e.getClass().getName() + " at " + (trace.length == 0 ? "an unknown place" : trace[0]));
        } finally {
            if (over) {
                onFinished.run();
            } else {
                next();
            }
        }
    }

    /** Answers whether that was all. */
    private boolean write() {
        boolean over = ring.isEnded();
        long now = ports.time().nanoTime();
        ring.read(this::took);
        if (mix == null && !early.isEmpty() && (over || now - early.getFirst().nanos >= SETTLING_NANOS)) {
            open();
        }
        StereoMix sound = mix;
        Recordings.Recording out = file;
        if (sound != null && out != null) {
            if (over) {
                sound.writeRest(out);
                out.close();
                finished(sound);
            } else {
                sound.writeUntil(now, out);
            }
        }
        return over;
    }

    private void took(boolean caller, long nanos, int sampleRateHz, short[] samples, int length) {
        if (length == 0 || !Resampler.SUPPORTED_HZ.contains(sampleRateHz)) {
            return;
        }
        if (mix == null) {
            early.add(new Early(caller, nanos, sampleRateHz, Arrays.copyOf(samples, length)));
        } else {
            mix.add(caller, nanos, sampleRateHz, samples, length);
        }
    }

    private void open() {
        boolean wide = early.stream().anyMatch(piece -> piece.sampleRateHz > NARROW_HZ);
        StereoMix opened = new StereoMix(wide ? WIDE_HZ : NARROW_HZ, early.getFirst().nanos);
        file = ports.recordings().begin(id, wide ? WIDE_HZ : NARROW_HZ);
        for (Early piece : early) {
            opened.add(piece.caller, piece.nanos, piece.sampleRateHz, piece.samples, piece.samples.length);
        }
        early.clear();
        mix = opened;
    }

    private void finished(StereoMix sound) {
        long lost = ring.lostMillis() + sound.droppedMillis();
        ports.meter().recordingEnded(true, lost);
        if (lost > 0) {
            LOG.log(
                    Level.WARNING,
                    "recording of call " + id + ": " + lost + " ms of both edges together are missing in "
                            + sound.writtenMillis() + " ms");
        }
    }

    /** The call goes on without it. */
    private void failed(String why) {
        bridge.untap(ring);
        StereoMix sound = mix;
        long millis = sound == null ? 0 : sound.writtenMillis();
        ports.meter().recordingEnded(false, ring.lostMillis());
        LOG.log(Level.ERROR, "recording of call " + id + " ends after " + millis + " ms, the call goes on: " + why);
        if (file != null) {
            try {
                file.close();
            } catch (StoreException e) {
                LOG.log(Level.DEBUG, "closing the recording failed, too", e);
            }
        }
    }
}
