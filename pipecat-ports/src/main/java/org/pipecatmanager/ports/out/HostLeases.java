package org.pipecatmanager.ports.out;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import org.pipecatmanager.ports.model.HostInstance;

/**
 * Who is alive. A lease that is not renewed is gone after its time; that alone proves nothing (see {@code Reaper}).
 *
 * <p><b>Threads.</b> Safe for all; bounded by a short deadline of the implementation.
 *
 * <p><b>Failures.</b> {@link StoreException} when the leases cannot be reached.
 *
 * <p>Passes {@code HostLeasesContract}.
 */
public interface HostLeases {
    /** Takes or prolongs a lease: it is held for {@code ttl} from now. */
    void renew(HostInstance holder, Duration ttl);

    /** Gives a lease back at once; one that is not held is fine. */
    void release(HostInstance holder);

    /** Which of these hold a lease now. */
    Set<HostInstance> held(Collection<HostInstance> candidates);
}
