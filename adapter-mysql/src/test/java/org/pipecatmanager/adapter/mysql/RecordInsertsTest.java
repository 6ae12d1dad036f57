package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;

@Timeout(30)
class RecordInsertsTest {
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    private final Script script = new Script();
    private final RecordInserts inserts = new RecordInserts(script);

    /** A database that answers as the test says, and holds the first rows up until the gate is opened. */
    private static final class Script implements RecordInserts.Statement {
        final Queue<Integer> together = new ConcurrentLinkedQueue<>();
        final Queue<PipecatcallId> alone = new ConcurrentLinkedQueue<>();
        final CountDownLatch gate = new CountDownLatch(1);
        final CountDownLatch atGate = new CountDownLatch(2);
        volatile Predicate<List<RecordInserts.Waiting>> all = rows -> true;
        volatile Predicate<RecordInserts.Waiting> one = row -> true;

        @Override
        public boolean all(List<RecordInserts.Waiting> rows, long deadline) {
            together.add(rows.size());
            return all.test(rows);
        }

        @Override
        public boolean one(RecordInserts.Waiting row) {
            alone.add(row.call().id());
            if (row.call().id().equals(Calls.id(1)) || row.call().id().equals(Calls.id(2))) {
                atGate.countDown();
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return one.test(row);
        }
    }

    private static RecordInserts.Waiting row(long n, Duration patience) {
        return new RecordInserts.Waiting(Calls.starting(n), "hash", false, System.nanoTime() + patience.toNanos());
    }

    private CompletableFuture<Boolean> insert(long n) {
        return CompletableFuture.supplyAsync(() -> inserts.insert(row(n, Duration.ofSeconds(20))), THREADS);
    }

    /** Takes both places, and has {@code count} others wait for them. */
    private List<CompletableFuture<Boolean>> crowd(int count) throws InterruptedException {
        var all = new ArrayList<>(List.of(insert(1), insert(2)));
        assertThat(script.atGate.await(20, TimeUnit.SECONDS)).isTrue();
        for (int n = 3; n < 3 + count; n++) {
            all.add(insert(n));
        }
        while (inserts.waiting() < count) {
            Thread.onSpinWait();
        }
        return all;
    }

    @Test
    void one_that_comes_alone_is_written_alone() {
        assertThat(insert(3).join()).isTrue();

        assertThat(script.alone).containsExactly(Calls.id(3));
        assertThat(script.together).isEmpty();
    }

    @Test
    void those_that_wait_for_a_place_are_written_together() throws Exception {
        var all = crowd(40);
        script.gate.countDown();

        assertThat(all).allMatch(CompletableFuture::join);
        assertThat(script.alone).hasSize(2);
        assertThat(script.together).containsExactly(40);
    }

    @Test
    void where_one_is_refused_each_gets_its_own_answer() throws Exception {
        script.all = rows -> false;
        script.one = row -> {
            if (row.call().id().equals(Calls.id(4))) {
                throw RequestException.invalid("FIELD_REFUSED", "too long");
            }
            return !row.call().id().equals(Calls.id(5));
        };
        var all = crowd(4);
        script.gate.countDown();

        assertThat(all.get(2).join()).isTrue();
        assertThatThrownBy(all.get(3)::join).hasCauseInstanceOf(RequestException.class);
        assertThat(all.get(4).join()).isFalse();
        assertThat(all.get(5).join()).isTrue();
    }

    @Test
    void a_database_that_cannot_be_used_fails_all_of_them_and_is_not_asked_for_each() throws Exception {
        script.all = rows -> {
            throw new StoreException("away", null);
        };
        var all = crowd(4);
        script.gate.countDown();

        for (var failed : all.subList(2, 6)) {
            assertThatThrownBy(failed::join).hasRootCauseMessage("away");
        }
        assertThat(script.alone).hasSize(2);
    }

    @Test
    void one_that_finds_no_place_in_time_was_not_sent() throws Exception {
        var all = crowd(0);
        var late = row(3, Duration.ZERO);

        assertThatThrownBy(() -> inserts.insert(late))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("those before it took too long");

        assertThat(late.isSent()).isFalse();
        assertThat(inserts.waiting()).isZero();
        script.gate.countDown();
        assertThat(all).allMatch(CompletableFuture::join);
    }
}
