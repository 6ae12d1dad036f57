package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real server behind a line that breaks and hangs while fifty calls go on. */
@Tag("it")
@Timeout(300)
final class MariaDbJournalIT {
    private static final int CALLS = 50;

    @TempDir
    Path dataDirectory;

    private Database direct;
    private TcpProxy line;
    private Database database;

    @BeforeEach
    void open() throws Exception {
        direct = TestDatabase.server();
        var url = System.getenv("PIPECAT_MYSQL_URL");
        var address = URI.create(url.substring("jdbc:".length()));
        line = new TcpProxy(address.getHost(), address.getPort());
        var through = url.replace(":" + address.getPort() + "/", ":" + line.port() + "/");
        database = Database.open(DatabaseAddress.parse(through));
        assertThat(database.awaitUp(Duration.ofSeconds(20), reason -> {})).isTrue();
    }

    @AfterEach
    void close() throws Exception {
        database.close();
        line.close();
        direct.close();
    }

    @Test
    void nothing_is_lost_doubled_or_out_of_order_when_the_line_breaks_again_and_again() throws Exception {
        var trouble = new Random(5);
        run(300, () -> {
            line.cut();
            pause(200 + trouble.nextInt(2500));
            line.mend();
            pause(1500 + trouble.nextInt(1500));
        });
    }

    @Test
    void nothing_is_lost_doubled_or_out_of_order_when_the_server_falls_silent() throws Exception {
        run(300, () -> {
            line.silence();
            pause(9000);
            line.mend();
            pause(3000);
        });
    }

    private void run(int entriesPerCall, Runnable trouble) throws Exception {
        var options = new JournalOptions(true, true, 20_000, 1 << 26, 1 << 26, 500, 1 << 22);
        try (var rig = JournalRig.started(database, dataDirectory, options)) {
            new Workload(rig, CALLS, entriesPerCall, 6)
                    .paced(Duration.ofMillis(40))
                    .run(() -> {
                        trouble.run();
                        return null;
                    });
            assertThat(rig.meter.mostSpooled.get()).isPositive();
            assertThat(rig.meter.mostQueued.get()).isLessThanOrEqualTo(20_000);
            assertThat(rig.meter.mostHeld.get()).isLessThanOrEqualTo(500);
            assertThat(rig.meter.overloaded.get()).isZero();
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
