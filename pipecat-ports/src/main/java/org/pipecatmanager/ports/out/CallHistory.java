package org.pipecatmanager.ports.out;

import java.util.List;
import java.util.Optional;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/**
 * What was said in calls, how long each turn took, and what each call was like.
 *
 * <p><b>Threads.</b> Safe for all. Writes of one call come in order and do not wait for the database; reads may block on it.
 *
 * <p><b>Failures.</b> {@link StoreException}: a write that cannot be kept, a read while the database cannot be reached.
 *
 * <p>Passes {@code CallHistoryContract}.
 */
public interface CallHistory {
    /** Keeps one message; the same call and position again changes nothing. */
    void said(SpokenMessage message);

    /** Keeps one turn; the same call and number again replaces it. */
    void turn(Turn turn);

    /** Keeps what a call was like; another one of the same call replaces it. */
    void report(CallReport report);

    /** What was said, in order; empty for a call nobody said anything in, or whose transcript is not kept any more. */
    List<SpokenMessage> messages(PipecatcallId id);

    /** The turns, in order. */
    List<Turn> turns(PipecatcallId id);

    /** What a call was like; empty while it lives, when its daemon died, or when it is not kept any more. */
    Optional<CallReport> report(PipecatcallId id);
}
