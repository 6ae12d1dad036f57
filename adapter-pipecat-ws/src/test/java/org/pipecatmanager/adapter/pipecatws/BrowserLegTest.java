package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.adapter.pipecatws.LegServer.ID;
import static org.pipecatmanager.adapter.pipecatws.LegServer.path;
import static org.pipecatmanager.adapter.pipecatws.LegServer.upgrade;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.fake.FakeLegMedia;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;

@Timeout(60)
class BrowserLegTest {
    private LegServer server;

    @BeforeEach
    void start() throws IOException {
        server = new LegServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"'', 16000", "?rate=16000, 16000", "?rate=8000, 8000"})
    void the_caller_hears_bare_frames_of_its_rate_and_is_heard_at_it(String query, int hz) throws Exception {
        short[] spoken = {1, -2, 300, -32768, 32767, 0};
        try (WireRunner caller = server.caller(ID, query)) {
            assertThat(caller.answer()).contains("Sec-WebSocket-Protocol: pipecat.audio.v1\r\n");
            short[] played = new short[hz / 50];
            for (int i = 0; i < played.length; i++) {
                played[i] = (short) (31 * i);
            }
            server.media().play(played);
            short[] heard = frame(caller);
            while (heard[1] == 0) {
                heard = frame(caller);
            }
            assertThat(heard).isEqualTo(played);
            caller.send(WireRunner.BINARY, bytes(spoken));
            FakeLegMedia.Heard said = server.media().awaitHeard(1).getFirst();
            assertThat(said.samples()).isEqualTo(spoken);
            assertThat(said.format()).isEqualTo(new AudioFormat(hz));
        }
        assertThat(server.media().awaitClosed()).isEqualTo(LegEnd.HUNG_UP);
        server.legs.awaitClosedAs("hung_up", 1);
        server.http.awaitClosedAs("upgraded", 1);
        assertThat(server.origins).extracting(LegGate.Origin::registeredOnly).containsExactly(true);
    }

    @Test
    void what_comes_in_pieces_and_bursts_of_whatever_size_is_one_stream() throws Exception {
        var random = new Random(7);
        byte[] spoken = new byte[60_000];
        random.nextBytes(spoken);
        var wire = new ByteArrayOutputStream();
        for (int at = 0; at < spoken.length; ) {
            int length = Math.min(spoken.length - at, 2 * random.nextInt(2_000));
            wire.write(WireRunner.frame(WireRunner.BINARY, Arrays.copyOfRange(spoken, at, at + length)));
            at += length;
        }
        byte[] bytes = wire.toByteArray();
        try (WireRunner caller = server.caller()) {
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(9_000));
                caller.socket.getOutputStream().write(bytes, at, length);
                at += length;
            }
            TestMeter.await(() -> samplesHeard() == spoken.length / 2, () -> "samples heard " + samplesHeard());
        }
        var all = ByteBuffer.allocate(spoken.length).order(ByteOrder.LITTLE_ENDIAN);
        server.media().heard().forEach(piece -> {
            for (short sample : piece.samples()) {
                all.putShort(sample);
            }
        });
        assertThat(all.array()).isEqualTo(spoken);
    }

    private int samplesHeard() {
        return server.media().heard().stream()
                .mapToInt(piece -> piece.samples().length)
                .sum();
    }

    @Test
    void keys_and_hangup_are_text_and_what_is_not_known_is_counted() throws Exception {
        try (WireRunner caller = server.caller()) {
            text(caller, "{\"type\":\"dtmf\",\"digit\":\"5\"}");
            text(caller, "{\"type\":\"dtmf\",\"digit\":\"#\"}");
            assertThat(server.media().awaitKeys(2)).containsExactly('5', '#');
            text(caller, "{\"type\":\"mute\"}");
            server.legs.awaitDropped("unknown_message", 1);
            text(caller, "{\"type\":\"hangup\"}");
            assertThat(lastText(caller)).isEqualTo("{\"type\":\"end\",\"reason\":\"hung_up\"}");
        }
        assertThat(server.media().awaitClosed()).isEqualTo(LegEnd.HUNG_UP);
        server.legs.awaitClosedAs("hung_up", 1);
    }

    @Test
    void the_session_ends_it_and_says_why_before_the_close() throws Exception {
        var ended = new FakeLegMedia();
        server.media = () -> new ReasonedMedia(ended);
        try (WireRunner caller = server.caller()) {
            ended.end();
            assertThat(lastText(caller)).isEqualTo("{\"type\":\"end\",\"reason\":\"bot_ended\"}");
        }
        assertThat(ended.awaitClosed()).isEqualTo(LegEnd.CLOSED_BY_US);
        server.legs.awaitClosedAs("closed_by_us", 1);
        assertThat(ended.ends()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"type\":\"dtmf\",\"digit\":\"55\"}", "{\"type\":\"dtmf\"}", "hello", "[]", ""})
    void a_text_that_means_nothing_ends_it(String text) throws Exception {
        try (WireRunner caller = server.caller()) {
            text(caller, text);
            assertThat(lastText(caller)).isEqualTo("{\"type\":\"end\",\"reason\":\"protocol_error\"}");
        }
        assertThat(server.media().awaitClosed()).isEqualTo(LegEnd.PROTOCOL_ERROR);
        server.legs.awaitClosedAs("protocol_error", 1);
    }

    @Test
    void half_a_sample_and_a_message_beyond_64_kib_end_it() throws Exception {
        try (WireRunner caller = server.caller()) {
            caller.send(WireRunner.BINARY, new byte[321]);
            assertThat(caller.receiveClose().closeCode()).isEqualTo(1003);
        }
        PipecatcallId other = TestServer.STRANGER;
        try (WireRunner caller = server.caller(other, "")) {
            caller.send(WireRunner.BINARY, new byte[65_538]);
            assertThat(caller.receiveClose().closeCode()).isEqualTo(1009);
        }
        server.legs.awaitClosedAs("protocol_error", 2);
    }

    @Test
    void more_than_twice_real_time_after_a_burst_ends_it_as_a_flood_and_its_neighbour_goes_on() throws Exception {
        try (WireRunner neighbour = server.caller(TestServer.STRANGER, "");
                WireRunner flooder = server.caller(ID, "?rate=8000")) {
            byte[] second = WireRunner.frame(WireRunner.BINARY, new byte[16_000]);
            List<byte[]> sent = new ArrayList<>();
            try {
                while (sent.size() < 200) {
                    flooder.socket.getOutputStream().write(second);
                    sent.add(second);
                }
            } catch (IOException e) {
                // It was cut off.
            }
            assertThat(server.media().awaitClosed()).isEqualTo(LegEnd.PROTOCOL_ERROR);
            server.legs.awaitClosedAs("flood", 1);
            for (int i = 0; i < 10; i++) {
                frame(neighbour);
            }
        }
    }

    @Test
    void one_that_reads_nothing_costs_a_few_frames_and_its_neighbour_goes_on() throws Exception {
        Socket smallEar = new Socket();
        smallEar.setReceiveBufferSize(1024);
        smallEar.connect(server.server.address());
        try (WireRunner deaf = new WireRunner(smallEar, upgrade(path(ID)));
                WireRunner neighbour = server.caller(TestServer.STRANGER, "")) {
            assertThat(deaf.socket.isConnected()).isTrue();
            server.legs.awaitDropped("audio", 5);
            frame(neighbour);
        }
    }

    @Test
    void one_that_answers_no_ping_has_hung_up() throws Exception {
        server.close();
        server = new LegServer(100, Duration.ofMillis(300));
        try (WireRunner silent = server.caller()) {
            assertThat(server.media().awaitClosed()).isEqualTo(LegEnd.HUNG_UP);
            assertThat(silent.socket.isConnected()).isTrue();
        }
        server.legs.awaitClosedAs("hung_up", 1);
    }

    @ParameterizedTest
    @EnumSource(LegGate.Refusal.class)
    void a_refusal_is_an_http_status_before_the_upgrade(LegGate.Refusal refusal) throws Exception {
        server.refusal = refusal;
        server.refusing = true;
        int status = switch (refusal) {
            case UNKNOWN_ID -> 404;
            case ALREADY_USED, NOT_READY -> 409;
            case FULL, STOPPING -> 503;
        };
        assertThat(server.exchange(upgrade(path(ID))))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\"reason\":\"" + refusal + "\"");
        server.http.awaitClosedAs(refusal.name().toLowerCase(Locale.ROOT), 1);
        assertThat(server.legs.opened).hasValue(0);
    }

    @Test
    void an_id_has_one_leg_ever_and_there_are_no_more_than_may_be() throws Exception {
        server.close();
        server = new LegServer(1, Duration.ofSeconds(10));
        try (WireRunner first = server.caller()) {
            assertThat(server.exchange(upgrade(path(TestServer.STRANGER))))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("TOO_MANY_CONNECTIONS");
            frame(first);
        }
        server.legs.awaitAllClosed(1);
        assertThat(server.exchange(upgrade(path(ID)))).startsWith("HTTP/1.1 409 ");
        server.caller(TestServer.STRANGER, "").close();
    }

    @Test
    void who_may_not_is_told_and_the_gate_is_not_asked() throws Exception {
        String withoutToken = upgrade(path(ID)).replace("bearer.czNjcmV0", "bearer.bGlvbg");
        assertThat(server.exchange(withoutToken)).startsWith("HTTP/1.1 401 ").contains("WWW-Authenticate: Bearer\r\n");
        assertThat(server.exchange(upgrade(path(ID)).replace("bearer.czNjcmV0", "bearer.!")))
                .startsWith("HTTP/1.1 401 ");
        assertThat(server.exchange(upgrade(path(ID), "Origin: http://evil.example\r\n")))
                .startsWith("HTTP/1.1 403 ");
        assertThat(server.origins).isEmpty();
        new WireRunner(server.connect(), upgrade(path(ID), "Origin: http://x\r\n")).close();
        String header = upgrade(path(TestServer.STRANGER), "Authorization: Bearer s3cret\r\n");
        new WireRunner(server.connect(), header.replace(", bearer.czNjcmV0", "")).close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/pipecatcalls/0D5F1F2E-7C1A-4A53-9C0E-3F5D8C6B7A10/audio",
                "/v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/audio?rate=44100",
                "/v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/audio?rate=8000&rate=16000"
            })
    void a_malformed_upgrade_is_refused(String path) throws Exception {
        assertThat(server.exchange(upgrade(path)))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"reason\":\"MALFORMED_UPGRADE\"");
        assertThat(server.exchange(upgrade(path(ID)).replace("pipecat.audio.v1, ", "")))
                .startsWith("HTTP/1.1 400 ")
                .contains("pipecat.audio.v1");
    }

    @Test
    void a_defect_of_ours_ends_the_one_leg() throws Exception {
        var failing = new FakeLegMedia();
        server.media = () -> new FailingMedia(failing);
        try (WireRunner caller = server.caller()) {
            assertThat(lastText(caller)).isEqualTo("{\"type\":\"end\",\"reason\":\"internal_error\"}");
        }
        assertThat(failing.awaitClosed()).isEqualTo(LegEnd.CLOSED_BY_US);
        server.legs.awaitClosedAs("internal_error", 1);
    }

    @Test
    void a_server_that_stops_says_so() throws Exception {
        try (WireRunner caller = server.caller()) {
            Thread stopping = Thread.ofVirtual().start(server::close);
            assertThat(lastText(caller)).isEqualTo("{\"type\":\"end\",\"reason\":\"server_stopped\"}");
            caller.socket.close();
            stopping.join();
        }
        assertThat(server.media().awaitClosed()).isEqualTo(LegEnd.SERVER_STOPPED);
    }

    private static void text(WireRunner caller, String text) throws IOException {
        caller.send(WireRunner.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static short[] frame(WireRunner caller) throws IOException {
        while (true) {
            WireRunner.Received received = caller.receive();
            if (received.opcode() == WireRunner.BINARY) {
                short[] samples = new short[received.payload().length / 2];
                ByteBuffer.wrap(received.payload())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer()
                        .get(samples);
                return samples;
            }
        }
    }

    /** The text right before the close; after it there is no audio. */
    private static String lastText(WireRunner caller) throws IOException {
        String text = "";
        while (true) {
            WireRunner.Received received = caller.receive();
            if (received.opcode() == WireRunner.TEXT) {
                text = new String(received.payload(), StandardCharsets.UTF_8);
            } else if (received.opcode() == WireRunner.CLOSE) {
                return text;
            } else if (received.opcode() == WireRunner.BINARY) {
                assertThat(text).as("audio after %s", text).isEmpty();
            }
        }
    }

    private static byte[] bytes(short[] samples) {
        var bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(samples);
        return bytes.array();
    }

    /** Media whose session says why it ends. */
    private record ReasonedMedia(FakeLegMedia media) implements LegMedia {
        @Override
        public void callerAudio(ByteBuffer pcm, AudioFormat format) {
            media.callerAudio(pcm, format);
        }

        @Override
        public void pressed(char key) {
            media.pressed(key);
        }

        @Override
        public long tick(long nowNanos, FrameSink sink) {
            return media.tick(nowNanos, sink);
        }

        @Override
        public Optional<EndReason> endReason() {
            return Optional.of(EndReason.BOT_ENDED);
        }

        @Override
        public void closed(LegEnd how) {
            media.closed(how);
        }
    }

    /** Media that throw at the second tick. */
    private static final class FailingMedia implements LegMedia {
        private final FakeLegMedia media;
        private int ticks;

        FailingMedia(FakeLegMedia media) {
            this.media = media;
        }

        @Override
        public void callerAudio(ByteBuffer pcm, AudioFormat format) {}

        @Override
        public void pressed(char key) {}

        @Override
        public long tick(long nowNanos, FrameSink sink) {
            if (ticks++ == 1) {
                throw new IllegalStateException("the media were told to fail");
            }
            return media.tick(nowNanos, sink);
        }

        @Override
        public void closed(LegEnd how) {
            media.closed(how);
        }
    }
}
