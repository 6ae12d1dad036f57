package org.pipecatmanager.ports.out;

import java.util.Optional;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * Spares the store reads of records. Costs speed when it is away, never correctness.
 *
 * <p><b>Threads.</b> Safe for all; bounded by a short deadline of the implementation, and at once while it is known to be away.
 *
 * <p><b>Failures.</b> None pass: a failed read is empty, a failed write is forgotten; both are counted.
 *
 * <p>Passes {@code PipecatcallCacheContract}.
 */
public interface PipecatcallCache {
    /** The record as it was last written, if it is there. */
    Optional<Pipecatcall> get(PipecatcallId id);

    /**
     * Keeps a record for 24 hours. One that is over is never replaced by one that is not, whatever their clocks say; of
     * two that are not over, the one that was updated earlier never replaces the other.
     *
     * <p>May be written behind: {@link #get} of the same cache sees it at once, others some milliseconds later.
     */
    void put(Pipecatcall call);

    /** Which of two states of a record a cache keeps. */
    static Pipecatcall later(Pipecatcall kept, Pipecatcall given) {
        boolean keptIsOver = kept.ended() != null;
        boolean givenIsOver = given.ended() != null;
        if (keptIsOver || givenIsOver) {
            return givenIsOver ? given : kept;
        }
        var keptUpdate = kept.updated();
        var givenUpdate = given.updated();
        boolean givenIsEarlier = keptUpdate != null && givenUpdate != null && givenUpdate.isBefore(keptUpdate);
        return givenIsEarlier ? kept : given;
    }
}
