package org.pipecatmanager.domain.reaper;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * Claims what earlier runs of this daemon left, once it is known that they are over: an instance of our host id that still
 * holds a lease is either about to lose it or another daemon that was given our address. A clean stop gives the lease back,
 * and that of a process that was killed runs out.
 *
 * <p><b>Threads.</b> One, that of the start; it blocks.
 */
public final class OwnLeftovers {
    /** How long a lease that nobody renews can still be seen, and a little for the clocks. */
    static final Duration PATIENCE = LeaseKeeper.TTL.plusSeconds(2);
    /** So that a start waits hardly longer than the lease lasts. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private static final Duration TELL_EVERY = Duration.ofSeconds(3);

    /** Lets time pass. */
    @FunctionalInterface
    public interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    private final Claims claims;
    private final HostLeases leases;
    private final TimeSource time;
    private final Pause pause;
    private final Consumer<String> told;

    /**
     * Prepares a claim.
     *
     * @param told hears every few seconds what is being waited for, in a sentence for a log
     */
    public OwnLeftovers(Claims claims, HostLeases leases, Pause pause, Consumer<String> told) {
        this.claims = claims;
        this.leases = leases;
        this.time = claims.ports().time();
        this.pause = pause;
        this.told = told;
    }

    /**
     * Waits until none of the earlier runs holds a lease, then closes their calls.
     *
     * @param patience for leases that cannot be reached; without having seen them nothing is claimed
     * @return how many calls were closed
     * @throws ConfigurationException another daemon runs under our host id
     * @throws StoreException the store cannot be reached, or the leases could not within the patience
     */
    public int claim(Duration patience) throws InterruptedException {
        var waiting = new Waiting(patience);
        while (true) {
            List<HostInstance> earlier = claims.earlierRuns();
            if (waiting.mayClaim(earlier)) {
                return claims.claimAll(earlier);
            }
            pause.of(LOOK_EVERY);
        }
    }

    /** What one claim has seen so far. */
    private final class Waiting {
        private final Duration patience;
        private final long since = time.nanoTime();
        private @Nullable Long heldSince;
        private @Nullable Long toldAt;

        Waiting(Duration patience) {
            this.patience = patience;
        }

        boolean mayClaim(List<HostInstance> earlier) {
            if (earlier.isEmpty()) {
                return true;
            }
            Set<HostInstance> held;
            try {
                held = leases.held(earlier);
            } catch (StoreException e) {
                unreachable(e);
                return false;
            }
            if (held.isEmpty()) {
                return true;
            }
            held(held.iterator().next());
            return false;
        }

        private void held(HostInstance holder) {
            long now = time.nanoTime();
            long first = heldSince == null ? now : heldSince;
            heldSince = first;
            if (now - first >= PATIENCE.toNanos()) {
                throw new ConfigurationException(
                        List.of("another daemon runs as POD_IP=" + holder.hostId() + " (instance "
                                + holder.instanceId() + "): it has kept its lease for " + PATIENCE.toSeconds()
                                + " s; give each daemon its own address, or stop the other one"));
            }
            tell("an earlier run as " + holder.hostId() + ", instance " + holder.instanceId()
                    + ", still holds its lease; waiting for it to run out");
        }

        private void unreachable(StoreException why) {
            if (time.nanoTime() - since >= patience.toNanos()) {
                throw new StoreException(
                        "whether another daemon runs as " + claims.self().hostId() + " could not be found out for "
                                + patience.toSeconds()
                                + " s, so that its calls cannot be told from those of an earlier run: "
                                + why.getMessage(),
                        why);
            }
            tell("whether another daemon runs as " + claims.self().hostId() + " cannot be found out: "
                    + why.getMessage());
        }

        private void tell(String sentence) {
            long now = time.nanoTime();
            if (toldAt == null || now - toldAt >= TELL_EVERY.toNanos()) {
                toldAt = now;
                told.accept(sentence);
            }
        }
    }
}
