package org.pipecatmanager.domain.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.FakeCallManager;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Media of calls whose daemon is gone. */
class OrphanedMediaTest {
    private static final PipecatcallId FIRST = Calls.id(1);
    private static final PipecatcallId SECOND = Calls.id(2);

    private final VirtualClock clock = new VirtualClock();
    private final FakeCallManager callManager = new FakeCallManager();
    private final OrphanedMedia media = new OrphanedMedia(callManager, clock, (name, task) -> task.run());

    @Test
    void one_that_fails_does_not_keep_the_others_and_is_tried_again() {
        callManager.failStops(Kind.UNREACHABLE);
        media.stop(List.of(FIRST, SECOND));
        assertThat(callManager.stopped()).containsExactly(FIRST, SECOND);

        callManager.failStops(null);
        clock.advance(Duration.ofSeconds(5));

        assertThat(callManager.stopped()).containsExactly(FIRST, SECOND, FIRST, SECOND);
        assertThat(clock.pendingAlarms()).isZero();
    }

    @Test
    void one_that_was_stopped_is_not_stopped_again() {
        media.stop(List.of(FIRST));
        clock.advance(Duration.ofHours(1));
        assertThat(callManager.stopped()).containsExactly(FIRST);
    }

    @Test
    void what_is_not_there_is_fine() {
        callManager.failStops(Kind.NOT_FOUND);
        media.stop(List.of(FIRST));
        assertThat(clock.pendingAlarms()).isZero();
    }

    @Test
    void it_gives_up_after_three_attempts() {
        callManager.failStops(Kind.REFUSED);
        media.stop(List.of(FIRST));
        clock.advance(Duration.ofHours(1));
        assertThat(callManager.stopped()).containsExactly(FIRST, FIRST, FIRST);
        assertThat(clock.pendingAlarms()).isZero();
    }
}
