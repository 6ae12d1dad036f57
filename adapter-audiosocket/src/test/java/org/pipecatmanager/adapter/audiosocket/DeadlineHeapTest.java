package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
    private static final class Someone extends DeadlineHeap.Waiting {
        @Override
        void due(long nowNanos) {}
    }

    @Test
    void nobody_is_called_before_their_moment() {
        DeadlineHeap heap = new DeadlineHeap();
        Someone someone = new Someone();
        heap.schedule(someone, 100);
        assertThat(heap.pollDue(99)).isNull();
        assertThat(heap.nanosToFirst(60)).isEqualTo(40);
        assertThat(heap.pollDue(100)).isSameAs(someone);
        assertThat(heap.isEmpty()).isTrue();
    }

    @Test
    void the_clock_may_wrap() {
        DeadlineHeap heap = new DeadlineHeap();
        Someone later = new Someone();
        Someone sooner = new Someone();
        heap.schedule(later, Long.MIN_VALUE + 5);
        heap.schedule(sooner, Long.MAX_VALUE - 5);
        assertThat(heap.pollDue(Long.MAX_VALUE)).isSameAs(sooner);
        assertThat(heap.pollDue(Long.MAX_VALUE)).isNull();
        assertThat(heap.pollDue(Long.MIN_VALUE + 5)).isSameAs(later);
    }

    @Test
    void removing_one_who_is_not_in_does_nothing() {
        DeadlineHeap heap = new DeadlineHeap();
        heap.remove(new Someone());
        assertThat(heap.isEmpty()).isTrue();
    }

    @Test
    void whatever_was_put_in_moved_and_taken_out_the_rest_comes_in_order() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            DeadlineHeap heap = new DeadlineHeap();
            Map<DeadlineHeap.Waiting, Long> expected = new HashMap<>();
            List<Someone> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                all.add(new Someone());
            }
            for (int step = 0; step < 2000; step++) {
                Someone one = all.get(random.nextInt(all.size()));
                if (random.nextInt(3) == 0) {
                    heap.remove(one);
                    expected.remove(one);
                } else {
                    long deadline = random.nextInt(1000);
                    heap.schedule(one, deadline);
                    expected.put(one, deadline);
                }
            }
            long last = Long.MIN_VALUE;
            int taken = 0;
            for (var one = heap.pollDue(1000); one != null; one = heap.pollDue(1000)) {
                long deadline = Objects.requireNonNull(expected.get(one), "called though taken out, seed " + seed);
                assertThat(deadline).as("seed %d", seed).isGreaterThanOrEqualTo(last);
                last = deadline;
                taken++;
            }
            assertThat(taken).as("seed %d", seed).isEqualTo(expected.size());
        }
    }
}
