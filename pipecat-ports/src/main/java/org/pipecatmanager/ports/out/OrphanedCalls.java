package org.pipecatmanager.ports.out;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Pipecatcall;

/**
 * Calls whose daemon is gone. The store judges: of several daemons that claim, one closes each call, and a daemon that comes
 * back finds that it has lost it.
 *
 * <p><b>Threads.</b> Safe for all; methods block on the store.
 *
 * <p><b>Failures.</b> {@link StoreException} when the store cannot be reached: then nothing was claimed, or nothing is known
 * to have been.
 *
 * <p>Passes {@code OrphanedCallsContract}.
 */
public interface OrphanedCalls {
    /** Every instance that has calls which are not over, or events which have not left. Rows of other services have none. */
    Set<HostInstance> owners();

    /**
     * Closes calls of an instance as {@code host_lost}: each one's epoch is raised, its record closed, and, where events are
     * kept for a broker, its {@code pipecatcall_terminated} written, in one transaction per call. Its other unsent events become ours,
     * in front.
     *
     * @param limit calls at most; fewer in the answer means that none is left
     * @return the closed records
     */
    List<Pipecatcall> claim(HostInstance gone, Instant now, int limit);
}
