package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Playout;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;

/**
 * A runner that heeds its grant, has its voice ready and is disturbed while the window is filled: it stands still, or
 * chunks are held up on the way, and with them those behind.
 */
class RunnerDisturbedTest {
    private static final int CHUNK_MILLIS = 20;
    /** The window less a report period and a chunk: from here on it is filled. */
    private static final long FILLED_MILLIS = 340;

    private final Call call = Call.attached();
    private final ArrayDeque<Chunk> onTheWay = new ArrayDeque<>();
    private final Random random = new Random(6);
    private long limit = AudioPlan.DEFAULT.windowMillis();
    private long sent;
    private long arrived;
    private long resumesAt;

    private record Chunk(long arrivesAt) {}

    @ParameterizedTest(name = "stalls of {0} ms, {1} % of chunks {2} ms late")
    @CsvSource({"0, 0, 0", "300, 0, 0", "0, 5, 200", "300, 5, 200"})
    void nothing_is_heard_of_it_and_the_first_word_does_not_wait(int stall, int percent, int late) {
        long begins = 107;
        long replyMillis = 60_000;
        long stalls = 0;
        for (long now = 0; now < begins + replyMillis + 1000; now++) {
            if (stall > 0 && now >= begins + 1000 && now % 1500 == 0 && filled(now)) {
                resumesAt = now + stall;
                stalls++;
            }
            if (now >= begins && now >= resumesAt) {
                run(now, replyMillis, percent, late);
            }
            arrive(now);
            if (call.nextMillis() <= now) {
                call.late(now - call.nextMillis());
            }
        }
        var snapshot = call.bridge.snapshot();
        assertThat(sent).isEqualTo(replyMillis);
        assertThat(stalls).isGreaterThanOrEqualTo(stall > 0 ? 25 : 0);
        assertThat(snapshot.underruns()).isZero();
        assertThat(snapshot.concealedFrames()).isZero();
        assertThat(snapshot.framesPlayed()).isEqualTo(replyMillis / AudioFormat.FRAME_MILLIS);
        assertThat(snapshot.droppedMillis()).isZero();
        // The first chunk comes at 107 ms, the next frame leaves at 120.
        assertThat(call.heard).isEqualTo(List.of("audible 120", "silent " + (120 + replyMillis)));
    }

    /** So long a stall is too long for the window: the test above can fail. */
    @ParameterizedTest(name = "stalls of {0} ms")
    @CsvSource("500")
    void a_stall_longer_than_the_window_is_an_underrun(int stall) {
        for (long now = 0; now < 5000; now++) {
            if (now == 2000) {
                resumesAt = now + stall;
            }
            if (now >= resumesAt) {
                run(now, 60_000, 0, 0);
            }
            arrive(now);
            if (call.nextMillis() <= now) {
                call.late(now - call.nextMillis());
            }
        }
        assertThat(call.bridge.snapshot().underruns()).isEqualTo(1);
    }

    private boolean filled(long now) {
        return onTheWay.isEmpty() && now >= resumesAt && call.bridge.snapshot().queuedMillis() >= FILLED_MILLIS;
    }

    private void run(long now, long replyMillis, int percent, int late) {
        for (Playout report : call.link.received(Playout.class)) {
            limit = Math.max(limit, report.limitMillis());
        }
        call.link.clear();
        while (sent + CHUNK_MILLIS <= Math.min(limit, replyMillis)) {
            long heldUp = filled(now) && random.nextInt(100) < percent ? late : 0;
            long before = onTheWay.isEmpty() ? now : onTheWay.getLast().arrivesAt();
            onTheWay.add(new Chunk(Math.max(before, now + heldUp)));
            sent += CHUNK_MILLIS;
        }
    }

    private void arrive(long now) {
        while (!onTheWay.isEmpty() && onTheWay.getFirst().arrivesAt() <= now) {
            onTheWay.remove();
            arrived += CHUNK_MILLIS;
            call.says((int) (arrived % 30) + 1, CHUNK_MILLIS);
        }
    }
}
