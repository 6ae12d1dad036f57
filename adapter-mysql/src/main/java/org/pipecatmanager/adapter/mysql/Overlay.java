package org.pipecatmanager.adapter.mysql;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.pipecatmanager.adapter.mysql.JournalEntry.RecordUpdate;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;

/** The latest state of records that are not written yet; one per live call. Safe for all threads. */
final class Overlay {
    private record Pending(long number, Pipecatcall record) {}

    private final ConcurrentHashMap<PipecatcallId, Pending> pending = new ConcurrentHashMap<>();

    void put(Stamped stamped) {
        if (stamped.entry() instanceof RecordUpdate update) {
            pending.put(update.call(), new Pending(stamped.number(), update.record()));
        }
    }

    /** This one is written, or will never be; a later one stays. */
    void settled(Stamped stamped) {
        if (stamped.entry() instanceof RecordUpdate update) {
            pending.computeIfPresent(
                    update.call(), (id, latest) -> latest.number() <= stamped.number() ? null : latest);
        }
    }

    Optional<Pipecatcall> find(PipecatcallId id) {
        return Optional.ofNullable(pending.get(id)).map(Pending::record);
    }

    /** How many records are waiting. */
    int size() {
        return pending.size();
    }
}
