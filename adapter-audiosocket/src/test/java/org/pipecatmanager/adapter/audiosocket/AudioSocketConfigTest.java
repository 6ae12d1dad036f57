package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.out.ConfigurationException;

class AudioSocketConfigTest {
    private static final AudioSocketConfig.Listener SOMEWHERE =
            new AudioSocketConfig.Listener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9092), "");

    @Test
    void the_defaults_are_for_callers_of_this_machine() {
        AudioSocketConfig config = AudioSocketConfig.listeningOn(List.of(SOMEWHERE));
        assertThat(config.allow())
                .extracting(AddressRange::toString)
                .containsExactly("127.0.0.0/8", "0:0:0:0:0:0:0:1/128");
        assertThat(config.maxConnections()).isEqualTo(1000);
        assertThat(config.handshakeTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.requestedFormat()).isEmpty();
        assertThat(config.stallTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.closeGrace()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.loops()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void all_problems_are_told_at_once_by_their_keys() {
        List<AudioSocketConfig.Listener> nowhere = List.of(
                new AudioSocketConfig.Listener(InetSocketAddress.createUnresolved("nowhere.invalid", 9092), ""),
                new AudioSocketConfig.Listener(InetSocketAddress.createUnresolved("nowhere.invalid", 9093), "sales"));
        assertThatThrownBy(() -> new AudioSocketConfig(
                        nowhere,
                        List.of(),
                        0,
                        Duration.ZERO,
                        Optional.of(new AudioFormat(11_025)),
                        0,
                        Duration.ofSeconds(-1),
                        Duration.ofSeconds(61)))
                .asInstanceOf(type(ConfigurationException.class))
                .extracting(ConfigurationException::problems)
                .satisfies(problems -> {
                    assertThat(problems).hasSize(9);
                    assertThat(problems.get(0)).startsWith("AUDIOSOCKET_LISTEN_ADDRESS is nowhere.invalid:9092");
                    assertThat(problems.get(1)).startsWith("agents.sales.listen is nowhere.invalid:9093");
                    assertThat(problems.get(2)).startsWith("AUDIOSOCKET_ALLOW is empty");
                    assertThat(problems.get(3)).startsWith("AUDIOSOCKET_MAX_CONNECTIONS is 0;");
                    assertThat(problems.get(4)).startsWith("AUDIOSOCKET_HANDSHAKE_TIMEOUT is PT0S;");
                    assertThat(problems.get(5)).startsWith("AUDIOSOCKET_FORMAT is 11025 Hz");
                    assertThat(problems.get(6)).contains("loops is 0");
                    assertThat(problems.get(7)).contains("stall timeout", "PT-1S");
                    assertThat(problems.get(8)).contains("closing time", "PT1M1S");
                });
    }

    @Test
    void no_listener_is_a_problem() {
        assertThatThrownBy(() -> AudioSocketConfig.listeningOn(List.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("AUDIOSOCKET_LISTEN_ADDRESS is empty");
    }
}
