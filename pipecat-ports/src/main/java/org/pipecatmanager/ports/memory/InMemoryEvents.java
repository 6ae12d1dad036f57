package org.pipecatmanager.ports.memory;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.EventFeed;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * Keeps the latest events of the latest calls and passes new ones on to whoever listens.
 *
 * <p><b>Bounds.</b> The last {@code eventsPerCall} events of each call; beyond {@code calls} calls, the one that has been
 * silent longest and that nobody listens to is forgotten.
 *
 * <p><b>Threads.</b> Safe for all. Listeners are called under the lock of their call: replay by the subscribing thread, the
 * rest by the publishing one. A listener may close subscriptions; it must not block or publish.
 *
 * <p><b>A listener that throws or takes longer than {@link #SLOW}</b> loses its subscription, which then says so.
 */
public final class InMemoryEvents implements EventPublisher, EventFeed {
    /** What one event may cost the publishing session; far above a pause of the garbage collector. */
    public static final Duration SLOW = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(InMemoryEvents.class.getName());

    private final int eventsPerCall;
    private final int limit;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    /** In order of the last event, oldest first, and calls that are only listened to; guarded by {@code lock}. */
    private final Map<PipecatcallId, Call> calls = new LinkedHashMap<>();

    /** Those of {@code calls} that published something; guarded by {@code lock}. */
    private int callsWithEvents;

    /**
     * Makes one that knows no call.
     *
     * @param eventsPerCall events kept of each call, at least 1
     * @param calls         calls kept, at least 1
     * @param time          measures how long listeners take
     */
    public InMemoryEvents(int eventsPerCall, int calls, TimeSource time) {
        if (eventsPerCall < 1 || calls < 1) {
            throw new IllegalArgumentException(
                    eventsPerCall + " events of " + calls + " calls keep nothing; use at least 1 of each");
        }
        this.eventsPerCall = eventsPerCall;
        this.limit = calls;
        this.time = time;
    }

    @Override
    public void publish(CallEvent event) {
        var call = pinnedAsLatest(event.id());
        try {
            call.publish(event);
        } finally {
            unpin(event.id(), call);
        }
    }

    @Override
    public Subscription subscribe(PipecatcallId id, long afterSequence, Consumer<CallEvent> listener) {
        var call = pinned(id);
        var subscriber = new Subscriber(id, call, listener);
        call.replay(subscriber, afterSequence);
        return subscriber;
    }

    private Call pinned(PipecatcallId id) {
        lock.lock();
        try {
            var call = calls.computeIfAbsent(id, unknown -> new Call());
            call.pins++;
            return call;
        } finally {
            lock.unlock();
        }
    }

    private Call pinnedAsLatest(PipecatcallId id) {
        lock.lock();
        try {
            var known = calls.remove(id);
            var call = known == null ? new Call() : known;
            calls.put(id, call);
            call.pins++;
            if (!call.hasEvents) {
                call.hasEvents = true;
                callsWithEvents++;
                forgetOldest();
            }
            return call;
        } finally {
            lock.unlock();
        }
    }

    private void unpin(PipecatcallId id, Call call) {
        lock.lock();
        try {
            call.pins--;
            if (call.pins == 0 && !call.hasEvents) {
                calls.remove(id);
            }
            forgetOldest();
        } finally {
            lock.unlock();
        }
    }

    private void forgetOldest() {
        Iterator<Call> oldestFirst = calls.values().iterator();
        while (callsWithEvents > limit && oldestFirst.hasNext()) {
            var call = oldestFirst.next();
            if (call.pins == 0 && call.hasEvents) {
                oldestFirst.remove();
                callsWithEvents--;
            }
        }
    }

    /** One call's events and listeners, under their own lock so that calls do not wait for each other. */
    private final class Call {
        /** Subscriptions and publications under way; guarded by the outer lock. */
        private int pins;
        /** Guarded by the outer lock, which is never held while {@code own} is waited for. */
        private boolean hasEvents;

        private final ReentrantLock own = new ReentrantLock();
        private final ArrayDeque<CallEvent> kept = new ArrayDeque<>();
        private final List<Subscriber> subscribers = new ArrayList<>();

        void publish(CallEvent event) {
            own.lock();
            try {
                if (kept.size() == eventsPerCall) {
                    kept.removeFirst();
                }
                kept.addLast(event);
                for (var subscriber : List.copyOf(subscribers)) {
                    subscriber.hear(event);
                }
            } finally {
                own.unlock();
            }
        }

        void replay(Subscriber subscriber, long afterSequence) {
            own.lock();
            try {
                subscribers.add(subscriber);
                for (var event : List.copyOf(kept)) {
                    if (event.sequence() > afterSequence) {
                        subscriber.hear(event);
                    }
                }
            } finally {
                own.unlock();
            }
        }

        void remove(Subscriber subscriber) {
            own.lock();
            try {
                subscribers.remove(subscriber);
            } finally {
                own.unlock();
            }
        }
    }

    private final class Subscriber implements Subscription {
        private final PipecatcallId id;
        private final Consumer<CallEvent> listener;
        /** Null when closed. */
        private final AtomicReference<@Nullable Call> call;

        Subscriber(PipecatcallId id, Call call, Consumer<CallEvent> listener) {
            this.id = id;
            this.call = new AtomicReference<>(call);
            this.listener = listener;
        }

        @Override
        public boolean isOpen() {
            return call.get() != null;
        }

        @Override
        public void close() {
            var left = call.getAndSet(null);
            if (left != null) {
                left.remove(this);
                unpin(id, left);
            }
        }

        void hear(CallEvent event) {
            if (!isOpen()) {
                return;
            }
            long before = time.nanoTime();
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                end(event, "threw " + e.getClass().getName());
                return;
            }
            long tookNanos = time.nanoTime() - before;
            if (tookNanos > SLOW.toNanos()) {
                end(event, "took " + Duration.ofNanos(tookNanos).toMillis() + " ms of at most " + SLOW.toMillis());
            }
        }

        private void end(CallEvent event, String why) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "A listener to the events of call {0} {1} at sequence {2} and hears no more; hand events over to"
                            + " another thread",
                    id,
                    why,
                    Long.toString(event.sequence()));
            close();
        }
    }
}
