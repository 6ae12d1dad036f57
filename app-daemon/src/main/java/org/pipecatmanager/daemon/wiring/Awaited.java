package org.pipecatmanager.daemon.wiring;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * A service the daemon cannot start without.
 *
 * @param name    and the key that says where it is
 * @param waiting returns whether it is there; tells the log meanwhile why it is not
 * @param problem why it is not there, in a sentence without secrets
 */
record Awaited(String name, Wait waiting, Supplier<String> problem) {
    /** Waits for one service. */
    @FunctionalInterface
    interface Wait {
        boolean until(Duration patience) throws InterruptedException;
    }

    /**
     * Waits for all at once.
     *
     * @throws IOException some are not there in time; the message names each with its reason
     */
    static void all(List<Awaited> services, Duration patience) throws IOException, InterruptedException {
        List<String> missing = new ArrayList<>();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("await-", 0).factory())) {
            Map<Awaited, Future<Boolean>> answers = new LinkedHashMap<>();
            services.forEach(service ->
                    answers.put(service, threads.submit(() -> service.waiting().until(patience))));
            for (Map.Entry<Awaited, Future<Boolean>> answer : answers.entrySet()) {
                if (!there(answer.getValue())) {
                    missing.add(answer.getKey().name() + ": "
                            + answer.getKey().problem().get());
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new IOException("gave up after " + patience.toSeconds() + " s without what the daemon needs: "
                    + String.join("; ", missing) + ". Start it, or correct its address");
        }
    }

    private static boolean there(Future<Boolean> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a wait for a service failed", e);
        }
    }
}
