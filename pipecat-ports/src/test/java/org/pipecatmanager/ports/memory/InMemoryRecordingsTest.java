package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.RecordingsContract;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.VirtualClock;

class InMemoryRecordingsTest implements RecordingsContract {
    private final VirtualClock clock = new VirtualClock();

    @Override
    public Recordings newRecordings() {
        return new InMemoryRecordings(1_000_000, clock);
    }

    @Override
    public Instant now() {
        return clock.now();
    }

    @Test
    void what_does_not_fit_is_refused_until_there_is_room_again() {
        var recordings = new InMemoryRecordings(8, clock);
        var recording = recordings.begin(Calls.id(1), 8_000);
        recording.write(new short[4], 0, 4);
        assertThatThrownBy(() -> recording.write(new short[2], 0, 2)).isInstanceOf(StoreException.class);
        assertThat(recordings.find(Calls.id(1)).orElseThrow().bytes()).isEqualTo(52);
        recordings.deleteBefore(clock.now().plus(Duration.ofSeconds(1)));
        recordings.begin(Calls.id(2), 8_000).write(new short[4], 0, 4);
    }
}
