package org.pipecatmanager.ports.fake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.LegMediaContract;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;

class FakeLegMediaTest implements LegMediaContract {
    @Override
    public Harness newHarness() {
        var media = new FakeLegMedia();
        return new Harness() {
            @Override
            public LegMedia media() {
                return media;
            }

            @Override
            public void end() {
                media.end();
            }
        };
    }

    @Test
    void given_frames_are_played_in_order_and_then_silence() {
        var media = new FakeLegMedia();
        var sink = new RecordingFrameSink(AudioFormat.SLIN_8K);
        media.play(new short[] {1});
        media.play(new short[] {2});
        long next = media.tick(0, sink);
        next = media.tick(next, sink);
        media.tick(next, sink);
        assertThat(sink.frames()).extracting(frame -> frame[0]).containsExactly((short) 1, (short) 2, (short) 0);
    }

    @Test
    void what_the_caller_says_is_kept() {
        var media = new FakeLegMedia();
        media.callerAudio(ByteBuffer.wrap(new byte[] {1, 0, (byte) 0xfe, (byte) 0xff}), AudioFormat.SLIN_16K);
        assertThat(media.heard()).singleElement().satisfies(heard -> {
            assertThat(heard.samples()).containsExactly(1, -2);
            assertThat(heard.format()).isEqualTo(AudioFormat.SLIN_16K);
        });
    }
}
