package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig.Listener;
import org.pipecatmanager.daemon.config.HostPort;

class AudioSocketModuleTest {
    private static final Listener LOOPBACK = listener("127.0.0.1:9092");
    private static final Listener EVERYWHERE = listener(":9093");

    @Test
    void a_port_that_everybody_can_reach_is_warned_of_with_the_way_out() {
        assertThat(AudioSocketModule.unguarded(List.of(LOOPBACK, EVERYWHERE), List.of()))
                .hasValueSatisfying(warning -> assertThat(warning)
                        .contains("AUDIOSOCKET_LISTEN_ADDRESS", "AUDIOSOCKET_ALLOW", "0.0.0.0", "9093")
                        .doesNotContain("9092"));
    }

    @Test
    void loopback_or_a_list_of_who_may_connect_needs_no_warning() {
        assertThat(AudioSocketModule.unguarded(List.of(LOOPBACK), List.of())).isEmpty();
        assertThat(AudioSocketModule.unguarded(List.of(EVERYWHERE), List.of("10.0.0.0/8")))
                .isEmpty();
    }

    private static Listener listener(String address) {
        return new Listener(HostPort.parse(address).toSocketAddress(), "");
    }
}
