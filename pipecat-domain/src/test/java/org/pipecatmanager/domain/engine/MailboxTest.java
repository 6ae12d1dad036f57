package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MailboxTest {
    @Test
    void nothing_is_read_before_it_opens_and_the_first_letter_is_first() {
        List<String> read = new ArrayList<>();
        Mailbox mailbox = new Mailbox("m", 10, new InlineThreads(), () -> read.add("first"));
        mailbox.put(() -> read.add("early"));
        assertThat(read).isEmpty();

        mailbox.open();
        mailbox.put(() -> read.add("late"));
        assertThat(read).containsExactly("first", "early", "late");
    }

    @Test
    void a_full_mailbox_refuses_offers_but_takes_what_must_not_be_lost() {
        Mailbox mailbox = new Mailbox("m", 2, new InlineThreads(), () -> {});
        assertThat(mailbox.offer(() -> {})).isTrue();
        assertThat(mailbox.offer(() -> {})).isFalse();

        List<String> read = new ArrayList<>();
        mailbox.put(() -> read.add("must"));
        mailbox.open();
        assertThat(read).containsExactly("must");
        assertThat(mailbox.offer(() -> {})).as("there is room again").isTrue();
    }

    @Test
    void letters_from_many_threads_are_read_one_at_a_time_and_none_is_lost() throws InterruptedException {
        int writers = 8;
        int letters = 2_000;
        CountDownLatch all = new CountDownLatch(writers * letters);
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        int[] last = new int[writers];
        AtomicInteger outOfOrder = new AtomicInteger();
        Mailbox mailbox = new Mailbox("m", Integer.MAX_VALUE, Threads.VIRTUAL, () -> {});
        mailbox.open();
        List<Thread> threads = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int writer = w;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int n = 1; n <= letters; n++) {
                    int number = n;
                    mailbox.put(() -> {
                        if (reading.incrementAndGet() != 1) {
                            together.incrementAndGet();
                        }
                        if (last[writer] + 1 != number) {
                            outOfOrder.incrementAndGet();
                        }
                        last[writer] = number;
                        reading.decrementAndGet();
                        all.countDown();
                    });
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(all.await(20, TimeUnit.SECONDS)).as("every letter is read").isTrue();
        assertThat(together).hasValue(0);
        assertThat(outOfOrder).hasValue(0);
    }
}
