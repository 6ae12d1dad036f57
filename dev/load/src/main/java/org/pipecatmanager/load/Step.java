package org.pipecatmanager.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The calls of one step against one process, and the generator that carries them. */
final class Step implements AutoCloseable {
    private static final int LIVE_SECONDS = 60;
    /** Set up at the same time where the set-up itself is not measured. */
    private static final int BATCH = 10;

    private final Target target;
    private final Speech.Voice voice;
    private final Window window = new Window();
    private final List<Call> calls = new ArrayList<>();
    private final Generator generator;

    /**
     * Makes the calls; nothing is connected yet.
     *
     * @param seconds that are measured
     */
    Step(Target target, int count, Speech.Voice voice, int seconds) throws IOException {
        this.target = target;
        this.voice = voice;
        int frames = 50 * seconds;
        for (int slot = 0; slot < count; slot++) {
            calls.add(new Call(UUID.randomUUID(), slot, window, frames));
        }
        generator = new Generator(count, window, frames);
    }

    List<Call> calls() {
        return calls;
    }

    Window window() {
        return window;
    }

    Generator generator() {
        return generator;
    }

    /** Sets all calls up, a few at a time, and waits until all are live. */
    void connect() throws IOException, InterruptedException {
        for (int from = 0; from < calls.size(); from += BATCH) {
            List<Call> batch = calls.subList(from, Math.min(calls.size(), from + BATCH));
            connect(batch);
            awaitLive(batch);
        }
    }

    /** Sets these calls up at once. */
    void connect(List<Call> some) throws IOException {
        for (Call call : some) {
            target.connect(generator, call, voice);
        }
    }

    /** Waits until these calls are live. */
    void awaitLive(List<Call> some) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIVE_SECONDS);
        while (!some.stream().allMatch(Call::isLive)) {
            long ended = some.stream().filter(Call::isOver).count();
            if (ended > 0 || System.nanoTime() - deadline > 0) {
                long live = some.stream().filter(Call::isLive).count();
                throw new IOException(live + " of " + some.size() + " calls became live within " + LIVE_SECONDS + " s, "
                        + ended + " were ended by the far end; see build/load/daemon.log; broken connections: "
                        + failures());
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Why connections broke, each once. */
    List<String> failures() {
        return calls.stream()
                .flatMap(call -> Stream.of(call.caller(), call.runner()))
                .filter(end -> end != null)
                .map(End::failure)
                .filter(failure -> failure != null)
                .map(String::valueOf)
                .toList();
    }

    /** Sends nothing more, waits until what was sent can have come, and ends the generator. */
    void comeToRest(long millis) throws IOException, InterruptedException {
        generator.fallSilent();
        TimeUnit.MILLISECONDS.sleep(millis);
        generator.finish();
    }

    /** Hangs up wherever somebody still listens. */
    void hangUp() {
        for (Call call : calls) {
            Stream.of(call.caller(), call.runner()).forEach(end -> {
                if (end != null) {
                    end.close();
                }
            });
        }
    }

    @Override
    public void close() throws IOException {
        generator.close();
        hangUp();
    }
}
