package org.pipecatmanager.domain.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * The caller's end of one session: the leg with its bridge.
 *
 * <p><b>Threads.</b> Safe for all; nothing blocks. Audio is handed on by one link thread at a time.
 */
final class CallAudio {
    private final TimeSource time;
    private final AtomicBoolean legClaimed;
    /** Null without a caller's leg, and while it is not known whether there is one. */
    private volatile @Nullable AudioBridge bridge;

    /** Null for a call that is not recorded; set before the bridge. */
    private volatile @Nullable Consumer<AudioBridge> recording;

    private volatile boolean awaitingSpeech = true;
    private volatile long interruptedAt;

    /**
     * The end of a call that may get a leg.
     *
     * @param legIsHere whether the place of the leg is taken already
     */
    CallAudio(boolean legIsHere, TimeSource time) {
        this.legClaimed = new AtomicBoolean(legIsHere);
        this.time = time;
    }

    /**
     * There is a place for a leg from now on.
     *
     * @param records begins to record the leg that takes it, or null
     */
    void bridge(AudioBridge value, @Nullable Consumer<AudioBridge> records) {
        recording = records;
        bridge = value;
    }

    /** Takes the one place a caller has; null when there is none or it is taken. */
    @Nullable
    AudioBridge claimLeg() {
        AudioBridge media = bridge;
        return media != null && legClaimed.compareAndSet(false, true) ? recorded(media) : null;
    }

    /** The media of the leg that came with the session; null without one. Once. */
    @Nullable
    AudioBridge ownLeg() {
        AudioBridge media = bridge;
        return media == null ? null : recorded(media);
    }

    private AudioBridge recorded(AudioBridge media) {
        Consumer<AudioBridge> records = recording;
        if (records != null) {
            records.accept(media);
        }
        return media;
    }

    /** Whether a caller came, or is about to. */
    boolean hadLeg() {
        return bridge != null && legClaimed.get();
    }

    /** The media of the leg; null without one. */
    @Nullable
    AudioBridge media() {
        return bridge;
    }

    /** Ends the leg, if there is one; {@code reason} is what its far end may be told, null for nothing. */
    void endLeg(@Nullable EndReason reason) {
        AudioBridge media = bridge;
        if (media == null) {
            return;
        }
        if (reason == null) {
            media.end();
        } else {
            media.end(reason);
        }
    }

    /** The runner's socket that takes what the caller says. */
    void attach(RunnerLink link) {
        AudioBridge media = bridge;
        if (media != null) {
            media.attach(link);
        }
    }

    void detach(RunnerLink link) {
        AudioBridge media = bridge;
        if (media != null) {
            media.detach(link);
        }
    }

    /** The next bot audio is another runner's. */
    void runnerGivenUp() {
        AudioBridge media = bridge;
        if (media != null) {
            media.runnerGivenUp();
        }
    }

    /** Says of the next bot audio that it came. */
    void awaitSpeech() {
        awaitingSpeech = true;
    }

    /**
     * Bot audio, for the caller.
     *
     * @return whether it was waited for
     */
    boolean botAudio(ByteBuffer pcm, int sampleRateHz) {
        AudioBridge media = bridge;
        if (media == null) {
            return false;
        }
        media.runnerAudio(pcm, sampleRateHz);
        boolean first = awaitingSpeech;
        if (first) {
            awaitingSpeech = false;
        }
        return first;
    }

    void botInterrupted() {
        AudioBridge media = bridge;
        if (media != null) {
            interruptedAt = time.nanoTime();
            media.runnerInterrupted();
        }
    }

    /** When the runner last said that its bot was interrupted. */
    long interruptedAt() {
        return interruptedAt;
    }
}
