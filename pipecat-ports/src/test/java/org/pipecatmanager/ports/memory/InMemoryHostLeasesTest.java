package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.HostLeasesContract;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.testing.VirtualClock;

class InMemoryHostLeasesTest implements HostLeasesContract {
    private final VirtualClock clock = new VirtualClock();

    @Override
    public HostLeases newLeases() {
        return new InMemoryHostLeases(clock);
    }

    @Override
    public void letRunOut(HostLeases leases, HostInstance holder, Duration ttl) {
        clock.advance(ttl);
    }

    @Test
    void a_lease_is_held_until_its_very_end() {
        var leases = newLeases();
        leases.renew(ONE, Duration.ofSeconds(10));

        clock.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(leases.held(List.of(ONE))).containsExactly(ONE);
        clock.advance(Duration.ofNanos(1));
        assertThat(leases.held(List.of(ONE))).isEmpty();
    }
}
