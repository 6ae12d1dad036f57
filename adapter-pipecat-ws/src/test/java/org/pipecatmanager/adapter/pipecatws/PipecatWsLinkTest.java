package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.adapter.pipecatws.TestServer.ID;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.pipecatws.TestRunnerGate.Heard;
import org.pipecatmanager.adapter.pipecatws.WireRunner.Received;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.AudioRawFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.LinkEnd.Cause;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage;

class PipecatWsLinkTest {
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Heard heard() throws InterruptedException {
        Heard heard = server.gate.at(ID, LinkDirection.BOTH);
        assertThat(heard.next()).isEqualTo("opened");
        return heard;
    }

    private static String json(Received received) throws Exception {
        assertThat(received.opcode()).isEqualTo(WireRunner.BINARY);
        return Frame.parseFrom(received.payload()).getMessage().getData();
    }

    @Test
    void bot_audio_messages_and_interruptions_arrive_in_the_order_of_the_wire() throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            runner.send(WireRunner.BINARY, FrameCodec.encodeAudio(new short[] {1, -2, Short.MIN_VALUE}, 0, 3, 24_000));
            runner.send(WireRunner.BINARY, FrameCodec.encodeInterruption());
            runner.send(
                    WireRunner.BINARY,
                    FrameCodec.encodeMessage("{\"label\":\"rtvi-ai\",\"type\":\"bot-stopped-speaking\"}"));
            assertThat(heard.next())
                    .isEqualTo(new Heard.Audio(List.of((short) 1, (short) -2, Short.MIN_VALUE), 24_000));
            assertThat(heard.next()).isEqualTo(new Heard.Interrupted());
            assertThat(heard.next()).isEqualTo(new RunnerMessage.BotStoppedSpeaking());
            assertThat(heard.misdeeds).isEmpty();
        }
    }

    @Test
    void a_message_in_fragments_with_a_ping_between_is_one_message() throws Exception {
        try (WireRunner runner = server.runner("?direction=output")) {
            Heard heard = server.gate.at(ID, LinkDirection.OUTPUT);
            byte[] message = FrameCodec.encodeAudio(new short[] {7, 8}, 0, 2, 8_000);
            byte[] first = java.util.Arrays.copyOfRange(message, 0, 5);
            byte[] second = java.util.Arrays.copyOfRange(message, 5, message.length);
            runner.send(0x02, first);
            runner.send(WireRunner.PING, new byte[] {'p'});
            runner.send(0x80, second);
            assertThat(runner.receive().opcode()).isEqualTo(WireRunner.PONG);
            assertThat(heard.next()).isEqualTo("opened");
            assertThat(heard.next()).isEqualTo(new Heard.Audio(List.of((short) 7, (short) 8), 8_000));
        }
    }

    @Test
    void caller_audio_reports_and_commands_leave_in_the_order_they_were_given() throws Exception {
        try (WireRunner runner = server.runner("")) {
            var link = heard().link();
            link.audio(new short[] {9, 1, 2, 9}, 1, 2, 16_000);
            link.playout(40, 440, 60);
            link.flushed(40, 60, 500);
            link.send(new RunnerCommand.Interrupt());
            AudioRawFrame audio = Frame.parseFrom(runner.receive().payload()).getAudio();
            assertThat(audio.getAudio()).isEqualTo(ByteString.copyFrom(new byte[] {1, 0, 2, 0}));
            assertThat(audio.getSampleRate()).isEqualTo(16_000);
            assertThat(json(runner.receive())).contains("\"d\":{\"pos_ms\":40,\"limit_ms\":440,\"queued_ms\":60}");
            assertThat(json(runner.receive()))
                    .contains("\"pos_ms\":100,", "\"event\":\"flushed\",\"at_ms\":40,\"dropped_ms\":60");
            assertThat(Frame.parseFrom(runner.receive().payload()).hasInterruption())
                    .isTrue();
        }
    }

    @Test
    void closing_sends_what_was_given_before_and_then_1000() throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            heard.link().send(new RunnerCommand.PressKey('1'));
            heard.link().close();
            heard.link().close();
            heard.link().send(new RunnerCommand.PressKey('2'));
            assertThat(json(runner.receive())).contains("dtmf");
            assertThat(runner.receive().closeCode()).isEqualTo(1000);
            assertThat(runner.atEnd()).isTrue();
            assertThat(heard.next()).isEqualTo(new LinkEnd(1000, Cause.CLOSED_BY_US));
            assertThat(heard.events).isEmpty();
        }
        server.links.awaitClosedAs("closed_by_us", 1);
    }

    @Test
    void how_the_runner_ended_the_link_is_told_once_and_counted() throws Exception {
        assertThat(endAfter(runner -> runner.send(WireRunner.CLOSE, code(1000))))
                .isEqualTo(new LinkEnd(1000, Cause.CLOSED_BY_RUNNER));
        assertThat(endAfter(runner -> runner.send(WireRunner.CLOSE, code(1001))))
                .isEqualTo(new LinkEnd(1001, Cause.CLOSED_BY_RUNNER));
        assertThat(endAfter(runner -> runner.send(WireRunner.CLOSE, code(1011))))
                .isEqualTo(new LinkEnd(1011, Cause.FAILED_BY_RUNNER));
        assertThat(endAfter(runner -> runner.socket.shutdownOutput())).isEqualTo(new LinkEnd(1006, Cause.BROKEN));
        assertThat(endAfter(WireRunner::reset)).isEqualTo(new LinkEnd(1006, Cause.BROKEN));
        server.links.awaitAllClosed(5);
        server.links.awaitClosedAs("closed_by_runner", 2);
        server.links.awaitClosedAs("failed_by_runner", 1);
        server.links.awaitClosedAs("broken", 2);
    }

    @Test
    void what_breaks_the_protocol_ends_the_link_with_a_code_that_says_so() throws Exception {
        byte[] stereo = Frame.newBuilder()
                .setAudio(AudioRawFrame.newBuilder()
                        .setAudio(ByteString.copyFrom(new byte[4]))
                        .setSampleRate(16_000)
                        .setNumChannels(2))
                .build()
                .toByteArray();
        assertThat(closeCodeAfter(WireRunner.TEXT, "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isEqualTo(1003);
        assertThat(closeCodeAfter(WireRunner.BINARY, new byte[] {0x12, 0x7f, 1}))
                .isEqualTo(1007);
        assertThat(closeCodeAfter(WireRunner.BINARY, stereo)).isEqualTo(1008);
        assertThat(closeCodeAfter(WireRunner.BINARY, new byte[PipecatWsConfig.MAX_MESSAGE_BYTES + 1]))
                .isEqualTo(1009);
        assertThat(closeCodeAfter(0xf2, new byte[1])).isEqualTo(1002);
        server.links.awaitClosedAs("protocol_error", 5);
    }

    @Test
    void a_message_without_a_last_fragment_is_cut_at_the_limit() throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            runner.send(0x02, new byte[1]);
            byte[] piece = new byte[64 * 1024];
            for (int sent = 0; sent < PipecatWsConfig.MAX_MESSAGE_BYTES; sent += piece.length) {
                runner.send(0x00, piece);
            }
            assertThat(heard.next()).isEqualTo(new LinkEnd(1009, Cause.PROTOCOL_ERROR));
        }
    }

    @Test
    void what_is_well_formed_but_says_nothing_is_counted_and_the_link_goes_on() throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            runner.send(WireRunner.BINARY, new byte[0]);
            runner.send(WireRunner.BINARY, new byte[] {(byte) 0xba, 0x01, 0x00});
            runner.send(WireRunner.BINARY, FrameCodec.encodeMessage("not json"));
            runner.send(WireRunner.BINARY, FrameCodec.encodeMessage("{\"label\":\"other\",\"type\":\"bot-ready\"}"));
            runner.send(
                    WireRunner.BINARY,
                    FrameCodec.encodeMessage("{\"label\":\"rtvi-ai\",\"type\":\"bot-tts-started\"}"));
            runner.send(WireRunner.BINARY, FrameCodec.encodeInterruption());
            assertThat(heard.next()).isEqualTo(new Heard.Interrupted());
            assertThat(server.links.droppedOf("empty_frame")).isEqualTo(2);
            assertThat(server.links.droppedOf("bad_json")).isEqualTo(1);
            assertThat(server.links.droppedOf("foreign_label")).isEqualTo(1);
        }
    }

    @Test
    void a_runner_that_answers_no_ping_is_given_up() throws Exception {
        server.close();
        server = new TestServer(
                config -> config.withLinkTimeouts(Duration.ofMillis(200), Duration.ofMillis(500)), exchange -> {});
        try (WireRunner runner = server.runner("?direction=output")) {
            var heard = server.gate.at(ID, LinkDirection.OUTPUT);
            assertThat(runner.receive().opcode()).isEqualTo(WireRunner.PING);
            assertThat(runner.receive().opcode()).isEqualTo(WireRunner.PING);
            assertThat(heard.end()).isEqualTo(new LinkEnd(1006, Cause.BROKEN));
        }
    }

    @Test
    void a_runner_that_answers_pings_stays() throws Exception {
        server.close();
        server = new TestServer(
                config -> config.withLinkTimeouts(Duration.ofMillis(200), Duration.ofMillis(500)), exchange -> {});
        try (WireRunner runner = server.runner("?direction=output")) {
            for (int i = 0; i < 6; i++) {
                assertThat(runner.receive().opcode()).isEqualTo(WireRunner.PING);
                runner.send(WireRunner.PONG, new byte[0]);
            }
            assertThat(server.links.closed()).isZero();
        }
    }

    @Test
    void a_runner_that_reads_slowly_loses_the_oldest_audio_and_no_command() throws Exception {
        server.close();
        server = new TestServer(config -> config.withQueues(10, 100), exchange -> {});
        try (WireRunner runner = server.runner("")) {
            var link = heard().link();
            short[] frame = new short[16_000];
            int sent = 0;
            // The kernel takes some megabytes before the queue fills; after that every frame pushes one out.
            while (server.links.droppedOf("audio") < 20) {
                frame[0] = (short) sent++;
                link.audio(frame, 0, frame.length, 16_000);
            }
            IntStream.range(0, 100).forEach(i -> link.send(new RunnerCommand.PressKey('7')));
            link.close();
            int last = -1;
            int keys = 0;
            int heard = 0;
            for (Received next = runner.receive(); next.opcode() != WireRunner.CLOSE; next = runner.receive()) {
                Frame received = Frame.parseFrom(next.payload());
                if (received.hasAudio()) {
                    heard++;
                    last = received.getAudio()
                            .getAudio()
                            .asReadOnlyByteBuffer()
                            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                            .getShort();
                } else if (received.getMessage().getData().contains("dtmf")) {
                    keys++;
                }
            }
            assertThat(last).as("the newest audio was kept").isEqualTo((short) (sent - 1));
            assertThat(heard).isEqualTo(sent - server.links.droppedOf("audio"));
            assertThat(keys).isEqualTo(100);
        }
    }

    @Test
    void a_runner_that_takes_no_commands_is_given_up_as_stalled() throws Exception {
        server.close();
        server = new TestServer(config -> config.withQueues(10, 20), exchange -> {});
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            var text = new RunnerCommand.SendText("x".repeat(100_000), true, true);
            while (heard.events.isEmpty()) {
                heard.link().send(text);
            }
            assertThat(heard.next()).isEqualTo(new LinkEnd(1006, Cause.STALLED));
            assertThat(runner.socket.isConnected()).isTrue();
        }
        server.links.awaitClosedAs("stalled", 1);
    }

    @Test
    void stopping_the_server_closes_links_with_1001_and_leaves_no_thread() throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            var stopping = Thread.ofVirtual().start(server::close);
            assertThat(runner.receiveClose().closeCode()).isEqualTo(1001);
            assertThat(runner.atEnd()).isTrue();
            runner.socket.close();
            stopping.join();
            assertThat(heard.next()).isEqualTo(new LinkEnd(1001, Cause.CLOSED_BY_US));
        }
        server.links.awaitAllClosed(1);
        TestMeter.await(
                () -> Thread.getAllStackTraces().keySet().stream().noneMatch(PipecatWsLinkTest::isOurs),
                () -> "threads left: "
                        + Thread.getAllStackTraces().keySet().stream()
                                .filter(PipecatWsLinkTest::isOurs)
                                .toList());
    }

    private static boolean isOurs(Thread thread) {
        return thread.getName().startsWith("runner-") || thread.getName().startsWith("http-io");
    }

    private interface Deed {
        void on(WireRunner runner) throws Exception;
    }

    private LinkEnd endAfter(Deed deed) throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            deed.on(runner);
            LinkEnd end = heard.end();
            assertThat(heard.events).isEmpty();
            return end;
        }
    }

    private int closeCodeAfter(int opcode, byte[] payload) throws Exception {
        try (WireRunner runner = server.runner("")) {
            var heard = heard();
            runner.send(opcode, payload);
            runner.send(WireRunner.BINARY, FrameCodec.encodeInterruption());
            int code = runner.receiveClose().closeCode();
            assertThat(heard.next()).isEqualTo(new LinkEnd(code, Cause.PROTOCOL_ERROR));
            return code;
        }
    }

    private static byte[] code(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }
}
