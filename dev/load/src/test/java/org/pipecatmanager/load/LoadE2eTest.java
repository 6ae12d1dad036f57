package org.pipecatmanager.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bench itself, small: both processes, a second each. */
@Tag("e2e")
class LoadE2eTest {
    private static final int CALLS = 5;
    /** Of 50 a second: how many come while it is looked is the machine's matter. */
    private static final int SOME_FRAMES = 10;

    @BeforeAll
    static void theRepository() {
        System.setProperty("load.home", Path.of("..", "..").toString());
    }

    @Test
    void frames_are_followed_through_the_daemon_and_through_the_floor(@TempDir Path folder) throws Exception {
        Report report = new Report(System.out);
        Bench bench =
                new Bench(new Bench.Options(List.of(CALLS), 1, 0, 0, new Pace(20, 200), true, CALLS, CALLS), report);
        List<MediaRow> rows = new ArrayList<>();

        bench.warm(List.of((ours, floor) -> rows.addAll(bench.media(ours, floor))));
        report.write(folder.resolve("load.json"));

        assertThat(rows).extracting(MediaRow::who).containsExactly("floor", "ours");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.up().count()).as("frames up").isGreaterThan(CALLS * SOME_FRAMES);
            assertThat(row.down().count()).as("frames down").isGreaterThan(CALLS * SOME_FRAMES);
            assertThat(row.lost() + row.repeated() + row.reordered() + row.unknown() + row.left())
                    .isZero();
            assertThat(row.failures()).isEmpty();
        });
        JsonNode file = JsonMapper.shared().readTree(Files.readString(folder.resolve("load.json")));
        assertThat(file.path("media")).hasSize(2);
    }
}
