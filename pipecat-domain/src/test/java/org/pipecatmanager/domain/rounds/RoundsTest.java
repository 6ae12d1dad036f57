package org.pipecatmanager.domain.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Work that repeats. */
class RoundsTest {
    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final VirtualClock clock = new VirtualClock();
    private final ArrayDeque<Runnable> started = new ArrayDeque<>();
    private final List<String> names = new ArrayList<>();
    private int rounds;

    private void start(String name, Runnable task) {
        names.add(name);
        started.add(task);
    }

    private Rounds counting() {
        return new Rounds("counting", clock, this::start, () -> {
            rounds++;
            return PAUSE;
        });
    }

    private void runStarted() {
        for (Runnable task = started.poll(); task != null; task = started.poll()) {
            task.run();
        }
    }

    @Test
    void a_round_runs_on_a_thread_of_its_own_never_on_the_alarms() {
        try (Rounds counting = counting()) {
            counting.start();
            assertThat(rounds).isZero();
            runStarted();
            assertThat(rounds).isEqualTo(1);

            clock.advance(PAUSE);

            assertThat(rounds).isEqualTo(1);
            runStarted();
            assertThat(rounds).isEqualTo(2);
            assertThat(names).containsExactly("counting", "counting");
        }
    }

    @Test
    void the_next_round_waits_for_the_end_of_the_last_and_then_a_pause() {
        try (Rounds counting = counting()) {
            counting.start();
            clock.advance(PAUSE.multipliedBy(10));
            assertThat(names).hasSize(1);

            runStarted();
            clock.advance(PAUSE.minusNanos(1));
            assertThat(names).hasSize(1);

            clock.advance(Duration.ofNanos(1));
            assertThat(names).hasSize(2);
            runStarted();
        }
    }

    @Test
    void a_second_start_is_a_no_op() {
        try (Rounds counting = counting()) {
            counting.start();
            counting.start();
            assertThat(started).hasSize(1);
            runStarted();
        }
    }

    @Test
    void a_round_that_throws_is_followed_by_another() {
        try (Rounds failing = new Rounds("failing", clock, this::start, () -> {
            rounds++;
            throw new IllegalStateException("a defect of the test");
        })) {
            failing.start();
            runStarted();
            clock.advance(Duration.ofSeconds(5));
            runStarted();
            assertThat(rounds).isEqualTo(2);
        }
    }

    @Test
    void nothing_begins_after_the_end() {
        Rounds counting = counting();
        counting.start();
        runStarted();

        counting.close();
        counting.close();

        assertThat(clock.pendingAlarms()).isZero();
        clock.advance(PAUSE);
        counting.start();
        assertThat(started).isEmpty();
        assertThat(counting.isClosed()).isTrue();
    }

    @Test
    @Timeout(30)
    void the_end_waits_for_the_round_that_runs() throws InterruptedException {
        var running = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        var order = new ConcurrentLinkedQueue<String>();
        Rounds slow = new Rounds("slow", clock, Threads.VIRTUAL, () -> {
            running.countDown();
            try {
                finish.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            order.add("round");
            return PAUSE;
        });
        slow.start();
        running.await();
        Thread closing = Thread.ofVirtual().start(() -> {
            slow.close();
            order.add("closed");
        });
        while (!slow.isClosed()) {
            Thread.onSpinWait();
        }

        finish.countDown();
        closing.join();

        assertThat(order).containsExactly("round", "closed");
        assertThat(clock.pendingAlarms()).isZero();
    }
}
