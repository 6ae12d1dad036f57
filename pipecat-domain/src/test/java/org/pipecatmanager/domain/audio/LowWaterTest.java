package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;

class LowWaterTest {
    private final CountingSessionMeter meter = new CountingSessionMeter();
    private final LowWater lowWater = new LowWater(new BridgeCounters(meter));

    private void second(long lowestMillis) {
        for (int i = 0; i < 50; i++) {
            lowWater.frame(WireTime.ticks(i == 30 ? lowestMillis : 400));
        }
    }

    @Test
    void the_least_of_a_second_is_told_when_the_next_one_is_over() {
        second(120);
        assertThat(meter.count(Counter.QUEUE_LOW)).isZero();
        second(60);
        assertThat(meter.lastQueueLowMillis()).isEqualTo(120);
        second(400);
        assertThat(meter.lastQueueLowMillis()).isEqualTo(60);
        assertThat(meter.count(Counter.QUEUE_LOW)).isEqualTo(2);
    }

    @Test
    void the_end_of_a_reply_where_the_queue_drains_is_not_told() {
        second(120);
        second(0);
        lowWater.forget();
        second(200);
        second(300);
        assertThat(meter.count(Counter.QUEUE_LOW)).isEqualTo(2);
        assertThat(meter.lastQueueLowMillis()).isEqualTo(200);
    }
}
