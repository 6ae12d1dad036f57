package org.pipecatmanager.adapter.mysql;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.StoreException;

/**
 * What the journal asks of the database.
 *
 * <p><b>Failures.</b> {@link StoreException}: the database cannot be used now, nothing is known to have been written, the
 * same again later is right. {@link Refused}: it will never take this.
 */
interface JournalSql {
    /**
     * Writes entries in one transaction; those of calls that {@code owner} does not own are left out. The same again has no
     * further effect.
     */
    Written write(HostInstance owner, List<JournalEntry> entries);

    /**
     * What became of the entries.
     *
     * @param lost    calls another daemon has claimed: nothing was written of them
     * @param missing calls there is no record of: nothing was written of them
     * @param waiting message ids of the events that are there now, are the owner's to relay, and have not left
     */
    record Written(Set<PipecatcallId> lost, Set<PipecatcallId> missing, Set<UUID> waiting) {
        /** Of nothing. */
        static final Written NOTHING = new Written(Set.of(), Set.of(), Set.of());
    }

    /** Whether trying is worth it; never blocks. */
    boolean answers();

    /** The oldest events that are {@code owner}'s to relay and have not left, but for those it knows. */
    Unsent unsent(HostInstance owner, Set<UUID> known, int limit);

    /**
     * Events that have not left, in their order.
     *
     * @param all whether there are no more
     */
    record Unsent(List<OutboxEntry> entries, boolean all) {}

    /** These have left. */
    void sent(Collection<UUID> messageIds, Instant now);

    /** The database refuses what an entry holds. */
    final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason, null, false, false);
        }
    }
}
