package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pipecatmanager.ports.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class RehearsalTest {
    @Test
    void the_rehearsed_callers_hear_the_bot_and_nothing_is_left() throws Exception {
        assertThat(Rehearsal.run(Duration.ofMillis(300))).isPositive();
    }
}
