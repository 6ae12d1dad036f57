package org.pipecatmanager.domain.audio;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * Tells the runner what was heard and how far it may run ahead.
 *
 * <p><b>When.</b> At once for a new link, on the first frame after silence, on the last before it, and for every
 * interruption; in between whenever the position has moved by the report period. Nothing while it stands still.
 *
 * <p><b>Counting.</b> A runner counts what it sent from 0. Its position is therefore the audio consumed since the
 * runner before it was detached; while that one's last audio still plays, the new one's position is 0 and its grant
 * one window. The first runner's count is the call's.
 *
 * <p><b>Threads.</b> {@link #attach}, {@link #detach} and {@link #giveUp} from any; the rest is the leg's loop thread, which owns
 * {@code seen} and {@code reportedMillis}. {@code place} is published.
 */
@SuppressWarnings("ReferenceEquality") // a link is one socket, a place one attachment: the same or another
final class PlayoutReports {
    private final PcmRing ring;
    private final int windowMillis;
    private final int periodMillis;
    private final AtomicReference<Place> place = new AtomicReference<>(new Place(null, 0, 0));

    private Place seen = place.getPlain();
    private long reportedMillis;

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
        if (link != null && moved > 0 && (edge || moved >= periodMillis)) {
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
        if (link != null) {
            link.flushed(at, after - at, after + windowMillis);
        }
    }

    private Place current() {
        Place now = place.getAcquire();
        if (now != seen) {
            seen = now;
            reportedMillis = now.reportedMillis;
        }
        return now;
    }

    private long queuedMillis() {
        return WireTime.millis(Math.max(0, ring.received() - ring.position()));
    }
}
