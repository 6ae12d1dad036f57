package org.pipecatmanager.domain.reaper;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.FakeCallManager;
import org.pipecatmanager.ports.fake.FakeHostLeases;
import org.pipecatmanager.ports.fake.FakeOrphanedCalls;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.LeaseMeter;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Daemons around one store, one broker and one set of leases, on one clock. One thread only. */
final class Fleet {
    final VirtualClock clock = new VirtualClock();
    final StandStill time = new StandStill(clock);
    final FakeHostLeases leases = new FakeHostLeases(time);
    final FakeOrphanedCalls store = new FakeOrphanedCalls();
    final ScriptedHosts hosts = new ScriptedHosts();

    /** A daemon under test. */
    final class Daemon implements PipecatcallCache, LeaseMeter, Threads {
        final HostInstance self;
        final Map<PipecatcallId, Pipecatcall> cached = new LinkedHashMap<>();
        final FakeCallManager media = new FakeCallManager();
        final List<String> metered = new ArrayList<>();
        final Claims claims;
        final Reaper reaper;
        int told;

        private final ArrayDeque<Runnable> held = new ArrayDeque<>();
        private boolean frozen;

        Daemon(HostInstance self) {
            this.self = self;
            claims = new Claims(self, new ClaimPorts(store, this, media, time, clock, this, this), () -> told++);
            reaper = new Reaper(claims, leases, hosts);
        }

        /** Answers pings and begins to work. */
        Daemon started() {
            hosts.answer(self);
            reaper.start();
            return this;
        }

        /** Its threads stand still, and nobody answers for it. */
        void freeze() {
            frozen = true;
            hosts.silence(self.hostId());
        }

        /** Its threads go on where they were. */
        void thaw() {
            frozen = false;
            hosts.answer(self);
            for (Runnable task = held.poll(); task != null; task = held.poll()) {
                task.run();
            }
        }

        @Override
        public void start(String name, Runnable task) {
            if (frozen) {
                held.add(task);
            } else {
                task.run();
            }
        }

        @Override
        public Optional<Pipecatcall> get(PipecatcallId id) {
            return Optional.ofNullable(cached.get(id));
        }

        @Override
        public void put(Pipecatcall call) {
            cached.put(call.id(), call);
        }

        @Override
        public void renewed(boolean succeeded) {
            metered.add("renewed " + succeeded);
        }

        @Override
        public void reachable(boolean reachable) {
            metered.add("reachable " + reachable);
        }

        @Override
        public void claimed(int calls) {
            metered.add("claimed " + calls);
        }
    }

    /** A clock that can jump while alarms run, as it does for a process that stood still. */
    static final class StandStill implements TimeSource {
        private final VirtualClock clock;
        private long jumpedNanos;

        StandStill(VirtualClock clock) {
            this.clock = clock;
        }

        void jump(Duration by) {
            jumpedNanos += by.toNanos();
        }

        @Override
        public Instant now() {
            return clock.now().plusNanos(jumpedNanos);
        }

        @Override
        public long nanoTime() {
            return clock.nanoTime() + jumpedNanos;
        }
    }

    /** A daemon that works from now on. */
    Daemon daemon(String hostId) {
        return new Daemon(new HostInstance(hostId, "run-of-" + hostId)).started();
    }

    /** An instance that died just now, holding a lease, with that many calls. */
    HostInstance died(String hostId, int calls) {
        HostInstance gone = new HostInstance(hostId, "dead-run-of-" + hostId);
        leases.renew(gone, LeaseKeeper.TTL);
        own(gone, calls);
        return gone;
    }

    void own(HostInstance owner, int calls) {
        Pipecatcall[] owned = new Pipecatcall[calls];
        for (int i = 0; i < calls; i++) {
            owned[i] = Calls.starting(i + 1L);
        }
        store.own(owner, owned);
    }

    void pass(long seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }
}
