package org.pipecatmanager.domain.audio;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * Tells the runner what was heard and how far it may run ahead.
 *
 * <p><b>When.</b> At once for a new link, on the first frame after silence, on the last before it, and for every
 * interruption; in between whenever the position has moved by the report period, and then together with the caller's next
 * audio, which is at most one frame later: two messages in one write. Nothing while it stands still.
 *
 * <p><b>Counting.</b> A runner counts what it sent from 0. Its position is therefore the audio consumed since the
 * runner before it was detached; while that one's last audio still plays, the new one's position is 0 and its grant
 * one window. The first runner's count is the call's.
 *
 * <p><b>Threads.</b> {@link #attach}, {@link #detach} and {@link #giveUp} from any; the rest is the leg's loop thread, which owns
 * {@code seen}, {@code reportedMillis}, {@code callerSpeaks} and {@code owed}. {@code place} is published.
 */
@SuppressWarnings("ReferenceEquality") // a link is one socket, a place one attachment: the same or another
final class PlayoutReports {
    private final PcmRing ring;
    private final int windowMillis;
    private final int periodMillis;
    private final AtomicReference<Place> place = new AtomicReference<>(new Place(null, 0, 0));

    private Place seen = place.getPlain();
    private long reportedMillis;
    /** Caller audio has come since the last frame left, so there will be more before the next. */
    private boolean callerSpeaks;
    /** A report waits for caller audio to go with. */
    private boolean owed;

    /**
     * The place of the link.
     *
     * @param startTicks     what was received before this runner's first sample
     * @param reportedMillis position in the first report
     */
    private record Place(@Nullable RunnerLink link, long startTicks, long reportedMillis) {
        long positionMillis(long ticks) {
            return WireTime.millis(Math.max(0, ticks - startTicks));
        }
    }

    PlayoutReports(PcmRing ring, AudioPlan plan) {
        this.ring = ring;
        this.windowMillis = plan.windowMillis();
        this.periodMillis = plan.reportMillis();
    }

    /**
     * Takes the link, with the first report on it; a link that still has the place loses it. No effect if it is this
     * one.
     */
    void attach(RunnerLink link) {
        Place before = place.get();
        if (before.link == link) {
            return;
        }
        long start = before.link == null ? before.startTicks : ring.received();
        long position = new Place(link, start, 0).positionMillis(ring.position());
        link.playout(position, position + windowMillis, queuedMillis());
        place.set(new Place(link, start, position));
    }

    /** Gives the place free; what was received until now is not the next runner's. No effect if another link has it. */
    void detach(RunnerLink link) {
        Place before = place.get();
        if (before.link == link) {
            place.compareAndSet(before, new Place(null, ring.received(), 0));
        }
    }

    /** Gives the place free, whoever has it; what was received until now is not the next runner's. */
    void giveUp() {
        place.set(new Place(null, ring.received(), 0));
    }

    /** Where caller audio goes; null for nowhere. */
    @Nullable
    RunnerLink link() {
        return place.getAcquire().link;
    }

    /** Sends caller audio on to {@code link}, and with it the report that is owed. */
    void audio(RunnerLink link, short[] samples, int length, int sampleRateHz) {
        callerSpeaks = true;
        Place now = current();
        if (!owed || now.link != link) {
            link.audio(samples, 0, length, sampleRateHz);
            return;
        }
        owed = false;
        long position = now.positionMillis(ring.position());
        reportedMillis = position;
        link.playoutAndAudio(position, position + windowMillis, queuedMillis(), samples, 0, length, sampleRateHz);
    }

    /**
     * A frame left.
     *
     * @param edge whether it was the first or the last of some speech
     */
    void frameLeft(boolean edge) {
        Place now = current();
        RunnerLink link = now.link;
        long position = now.positionMillis(ring.position());
        long moved = position - reportedMillis;
        boolean due = link != null && moved > 0 && (edge || moved >= periodMillis);
        boolean rides = due && !edge && callerSpeaks && !owed;
        callerSpeaks = false;
        owed = rides;
        if (link != null && due && !rides) {
            reportedMillis = position;
            link.playout(position, position + windowMillis, queuedMillis());
        }
    }

    /** An interruption took effect at position {@code atTicks} and moved it to {@code afterTicks}. */
    void flushed(long atTicks, long afterTicks) {
        Place now = current();
        RunnerLink link = now.link;
        long at = now.positionMillis(atTicks);
        long after = now.positionMillis(afterTicks);
        reportedMillis = after;
        owed = false;
        if (link != null) {
            link.flushed(at, after - at, after + windowMillis);
        }
    }

    private Place current() {
        Place now = place.getAcquire();
        if (now != seen) {
            seen = now;
            owed = false;
            reportedMillis = now.reportedMillis;
        }
        return now;
    }

    private long queuedMillis() {
        return WireTime.millis(Math.max(0, ring.received() - ring.position()));
    }
}
