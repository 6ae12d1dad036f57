package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private final SendQueue queue = new SendQueue(3, 2);

    private static byte[] message(int number) {
        return new byte[] {(byte) number};
    }

    private List<Integer> drained() {
        List<Integer> numbers = new ArrayList<>();
        for (byte[] next = queue.poll(); next != null; next = queue.poll()) {
            numbers.add((int) next[0]);
        }
        return numbers;
    }

    @Test
    void the_oldest_audio_goes_and_order_and_commands_stay() {
        assertThat(queue.offerAudio(message(1))).isFalse();
        assertThat(queue.offerControl(message(100))).isTrue();
        assertThat(queue.offerAudio(message(2))).isFalse();
        assertThat(queue.offerAudio(message(3))).isFalse();
        assertThat(queue.offerAudio(message(4))).isTrue();
        assertThat(queue.offerAudio(message(5))).isTrue();
        assertThat(drained()).containsExactly(100, 3, 4, 5);
        assertThat(queue.offerAudio(message(6))).as("room again").isFalse();
    }

    @Test
    void a_command_too_many_is_refused_and_audio_takes_no_room_of_commands() {
        for (int i = 1; i <= 3; i++) {
            queue.offerAudio(message(i));
        }
        assertThat(queue.offerControl(message(100))).isTrue();
        assertThat(queue.offerControl(message(101))).isTrue();
        assertThat(queue.offerControl(message(102))).isFalse();
    }

    @Test
    void closed_it_gives_what_it_has_and_takes_nothing() {
        queue.offerControl(message(1));
        queue.close();
        queue.offerAudio(message(2));
        queue.offerControl(message(3));
        assertThat(drained()).containsExactly(1);
    }
}
