package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pipecatmanager.ports.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class RehearsalCallTest {
    @Test
    void the_rehearsed_caller_hears_the_bot_and_nothing_is_left() throws Exception {
        assertThat(RehearsalCall.run()).isPositive();
    }
}
