package org.pipecatmanager.domain.platform;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.Alarms.Alarm;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.out.OpenSpan;

/** Looks several assistants up side by side. Safe for all threads. */
final class Assistants {
    /** Lookups of one team at a time: one team must not fill ai-manager's queue. */
    private static final int AT_ONCE = 8;
    /** For all: with the two lookups before it, of 3 s each, it ends inside the 10 s a session waits. */
    private static final Duration DEADLINE = Duration.ofMillis(3_900);

    private final AiManager aiManager;
    private final Alarms alarms;
    private final Threads threads;

    Assistants(AiManager aiManager, Alarms alarms, Threads threads) {
        this.aiManager = aiManager;
        this.alarms = alarms;
        this.threads = threads;
    }

    /**
     * All of them.
     *
     * @throws ManagerException one could not be looked up, or they took too long together
     */
    Map<UUID, Ai> all(Collection<UUID> ids) {
        Lookup lookup = new Lookup(Set.copyOf(ids));
        OpenSpan asking = OpenSpan.current();
        Alarm alarm = alarms.after(DEADLINE, lookup::tooLate);
        try {
            for (int i = 0; i < Math.min(AT_ONCE, lookup.count); i++) {
                threads.start("assistant-lookup", () -> asking.run(lookup::work));
            }
            return lookup.await();
        } finally {
            alarm.cancel();
        }
    }

    private final class Lookup {
        final int count;
        private final Queue<UUID> waiting;
        private final Map<UUID, Ai> found = new ConcurrentHashMap<>();
        private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

        Lookup(Set<UUID> ids) {
            waiting = new ConcurrentLinkedQueue<>(ids);
            count = ids.size();
        }

        void work() {
            try {
                for (UUID id = waiting.poll(); id != null && !over.isDone(); id = waiting.poll()) {
                    found.put(id, aiManager.ai(id));
                    if (found.size() == count) {
                        over.complete(null);
                    }
                }
            } catch (RuntimeException e) {
                over.completeExceptionally(e);
            }
        }

        void tooLate() {
            over.completeExceptionally(new ManagerException(
                    Kind.UNREACHABLE,
                    found.size() + " of " + count + " assistants were looked up in " + DEADLINE.toMillis() + " ms",
                    null));
        }

        Map<UUID, Ai> await() {
            try {
                over.get();
                return found;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ManagerException(Kind.UNREACHABLE, "the lookup of assistants was interrupted", e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ManagerException cause) {
                    throw new ManagerException(cause.kind(), String.valueOf(cause.getMessage()), cause);
                }
                throw new IllegalStateException("a lookup of assistants failed", e.getCause());
            } finally {
                over.cancel(false);
            }
        }
    }
}
