package org.pipecatmanager.ports.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.RunnerLinkContract;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Sent;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.out.RunnerLink;

class FakeRunnerLinkTest implements RunnerLinkContract {
    @Override
    public Harness newHarness() {
        var link = new FakeRunnerLink();
        var listener = new Listener();
        link.open(listener);
        return new Harness() {
            @Override
            public RunnerLink link() {
                return link;
            }

            @Override
            public List<Sent> received(int count) {
                return link.received();
            }

            @Override
            public void stall() {
                link.stall();
            }

            @Override
            public void resume() {
                link.resume();
            }

            @Override
            public int chunksThatOverrun() {
                return 3 * FakeRunnerLink.AUDIO_BOUND;
            }

            @Override
            public int commandsThatOverrun() {
                return FakeRunnerLink.CONTROL_BOUND + 1;
            }

            @Override
            public void runnerCloses() {
                link.closes(new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_RUNNER));
            }

            @Override
            public LinkEnd awaitEnd() {
                return listener.ends.getFirst();
            }

            @Override
            public int ends() {
                return listener.ends.size();
            }

            @Override
            public void close() {
                link.close();
            }
        };
    }

    @Test
    void what_the_runner_does_is_heard_in_order() {
        var link = new FakeRunnerLink();
        var listener = new Listener();
        link.open(listener);
        link.speaks(new short[] {1, -2}, 24_000);
        link.interrupts();
        link.says(new RunnerMessage.BotLlmStarted());
        link.closes(new LinkEnd(1006, LinkEnd.Cause.BROKEN));

        assertThat(listener.heard)
                .containsExactly("opened", "audio 1 -2 at 24000", "interrupted", "BotLlmStarted[]", "closed 1006");
        assertThatThrownBy(link::interrupts).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void dropped_audio_is_counted() {
        var link = new FakeRunnerLink();
        link.stall();
        for (int i = 0; i < FakeRunnerLink.AUDIO_BOUND + 3; i++) {
            link.audio(new short[320], 0, 320, 16_000);
        }
        assertThat(link.droppedAudio()).isEqualTo(3);
    }

    private static final class Listener implements RunnerGate.Listener {
        final List<String> heard = new ArrayList<>();
        final List<LinkEnd> ends = new ArrayList<>();

        @Override
        public void opened(RunnerLink link) {
            heard.add("opened");
        }

        @Override
        public void audio(ByteBuffer pcm, int sampleRateHz) {
            var samples = pcm.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
            heard.add("audio " + samples.get(0) + " " + samples.get(1) + " at " + sampleRateHz);
        }

        @Override
        public void interrupted() {
            heard.add("interrupted");
        }

        @Override
        public void message(RunnerMessage message) {
            heard.add(message.toString());
        }

        @Override
        public void closed(LinkEnd end) {
            heard.add("closed " + end.code());
            ends.add(end);
        }
    }
}
