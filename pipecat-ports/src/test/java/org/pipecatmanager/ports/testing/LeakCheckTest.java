package org.pipecatmanager.ports.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LeakCheckTest {
    private static final Duration ENOUGH = Duration.ofSeconds(20);

    @Test
    void a_thread_left_running_is_named_and_one_that_ends_is_waited_for() {
        var before = LeakCheck.now();
        var end = new CountDownLatch(1);
        Thread.ofPlatform().name("left-behind").daemon().start(() -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> before.requireNothingNew(Duration.ZERO))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("thread 'left-behind'");
        end.countDown();
        assertThatCode(() -> before.requireNothingNew(ENOUGH)).doesNotThrowAnyException();
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells a process its sockets")
    void a_socket_left_open_is_named() throws Exception {
        var before = LeakCheck.now();
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> before.requireNothingNew(Duration.ZERO))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("socket:[");
            assertThat(socket.isClosed()).isFalse();
        }
        assertThatCode(() -> before.requireNothingNew(ENOUGH)).doesNotThrowAnyException();
    }
}
