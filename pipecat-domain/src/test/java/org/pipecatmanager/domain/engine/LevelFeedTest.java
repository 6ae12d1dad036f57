package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.in.LevelFeed;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioLevels;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.RequestException;

class LevelFeedTest {
    private final Stage stage = new Stage();

    @Test
    void a_registered_call_can_be_watched_before_its_caller_comes_and_until_it_ends() {
        PipecatcallId id = stage.register("echo");
        try (LevelFeed.Watch watch = stage.engine.watch(id)) {
            Stage.Leg leg = stage.leg(id);
            leg.media.callerAudio(ByteBuffer.allocate(320).put(0, (byte) 100), AudioFormat.SLIN_8K);
            leg.tick();
            AudioLevels levels = watch.look();
            assertThat(levels.callerDbfs()).isGreaterThan(AudioLevels.SILENCE_DBFS);
            assertThat(levels.discardedFrames()).as("no runner yet").isEqualTo(1);
            assertThat(levels.at()).isEqualTo(stage.clock.now());
            assertThat(watch.isOpen()).isTrue();
            leg.closes(LegEnd.HUNG_UP);
            assertThat(watch.isOpen()).isFalse();
        }
    }

    @Test
    void what_is_not_live_here_or_has_no_sound_is_not_found() {
        PipecatcallId text = stage.register("chat");
        for (PipecatcallId id : new PipecatcallId[] {text, stage.ids.nextCallId()}) {
            assertThatThrownBy(() -> stage.engine.watch(id))
                    .isInstanceOfSatisfying(
                            RequestException.class, e -> assertThat(e.reason()).isEqualTo("CALL_NOT_LIVE"))
                    .hasMessageContaining(id.toString());
        }
    }
}
