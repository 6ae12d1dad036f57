package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random work of many calls in random trouble; the seed repeats the choices, not the timing. */
class JournalWorkloadTest {
    @TempDir
    Path dataDirectory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void nothing_is_lost_doubled_or_out_of_order_while_the_database_comes_and_goes(long seed) throws Exception {
        var trouble = new Random(seed);
        try (var database = TestDatabase.inMemory();
                var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            new Workload(rig, 10, 200, seed).run(() -> {
                switch (trouble.nextInt(3)) {
                    case 0 -> rig.sql.cut();
                    case 1 -> rig.sql.loseAnswers(1);
                    default -> rig.sql.mend();
                }
                pause(trouble);
                return null;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 4})
    void the_same_when_the_outbox_is_small_and_falls_behind_again_and_again(long seed) throws Exception {
        var options = new JournalOptions(true, true, 10_000, 1 << 24, 1 << 24, 25, 1 << 20);
        try (var database = TestDatabase.inMemory();
                var rig = JournalRig.started(database, dataDirectory, options)) {
            var trouble = new Random(seed);
            new Workload(rig, 10, 200, seed).run(() -> {
                pause(trouble);
                return null;
            });
            assertThat(rig.meter.timesBehind.get()).isPositive();
            assertThat(rig.meter.mostHeld.get()).isLessThanOrEqualTo(25);
            assertThat(rig.meter.intermediatesDropped.get()).isPositive();
        }
    }

    private static void pause(Random choice) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + choice.nextInt(20)));
    }
}
