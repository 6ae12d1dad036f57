package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.CallHistoryContract;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.out.CallHistory;

class InMemoryCallHistoryTest implements CallHistoryContract {
    @Override
    public CallHistory newHistory() {
        return new InMemoryCallHistory(10);
    }

    @Test
    void beyond_the_capacity_the_oldest_call_is_forgotten() {
        var history = new InMemoryCallHistory(2);
        for (long n = 1; n <= 3; n++) {
            history.said(new SpokenMessage(Calls.id(n), 1, SpokenMessage.Speaker.USER, "m", Calls.at(n), false));
        }
        assertThat(history.messages(Calls.id(1))).isEmpty();
        assertThat(history.messages(Calls.id(2))).hasSize(1);
        assertThat(history.messages(Calls.id(3))).hasSize(1);
    }

    @Test
    void one_that_keeps_nothing_cannot_be_made() {
        assertThatThrownBy(() -> new InMemoryCallHistory(0)).hasMessageContaining("keep 1 call or more");
    }
}
