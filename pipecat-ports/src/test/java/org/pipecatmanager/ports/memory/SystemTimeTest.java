package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pipecatmanager.ports.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class SystemTimeTest {
    @Test
    void alarms_ring_in_the_order_of_their_time_on_one_daemon_thread() throws Exception {
        try (var time = new SystemTime()) {
            var rung = new LinkedBlockingQueue<String>();
            var threads = new LinkedBlockingQueue<Thread>();
            for (var delay : List.of(60, 30)) {
                time.after(Duration.ofMillis(delay), () -> {
                    rung.add("after " + delay);
                    threads.add(Thread.currentThread());
                });
            }
            assertThat(rung.poll(20, TimeUnit.SECONDS)).isEqualTo("after 30");
            assertThat(rung.poll(20, TimeUnit.SECONDS)).isEqualTo("after 60");
            var first = threads.poll(20, TimeUnit.SECONDS);
            assertThat(first).isNotNull().isSameAs(threads.poll(20, TimeUnit.SECONDS));
            assertThat(first).matches(Thread::isDaemon, "is a daemon");
        }
    }

    @Test
    void an_alarm_that_was_called_off_does_not_ring() throws Exception {
        try (var time = new SystemTime()) {
            var rang = new AtomicBoolean();
            var later = new CountDownLatch(1);
            time.after(Duration.ofMillis(20), () -> rang.set(true)).cancel();
            time.after(Duration.ofMillis(40), later::countDown);
            assertThat(later.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(rang).isFalse();
        }
    }

    @Test
    void an_action_that_throws_does_not_hinder_the_next() throws Exception {
        try (var time = new SystemTime()) {
            var next = new CountDownLatch(1);
            time.after(Duration.ZERO, () -> {
                throw new IllegalStateException("on purpose");
            });
            time.after(Duration.ofMillis(1), next::countDown);
            assertThat(next.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void after_closing_alarms_are_taken_and_never_ring() {
        var time = new SystemTime();
        var rang = new AtomicBoolean();
        time.after(Duration.ofHours(1), () -> rang.set(true));
        time.close();
        time.after(Duration.ZERO, () -> rang.set(true)).cancel();
        time.close();
        assertThat(rang).isFalse();
    }
}
