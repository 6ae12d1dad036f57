package org.pipecatmanager.adapter.pipecatws;

import static org.pipecatmanager.adapter.pipecatws.TestServer.ID;
import static org.pipecatmanager.adapter.pipecatws.TestServer.TOKEN;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.pipecatmanager.adapter.pipecatws.WireRunner.Received;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.AudioRawFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;
import org.pipecatmanager.ports.contract.RunnerLinkContract;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Audio;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Command;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Flushed;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Playout;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Sent;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.RunnerLink;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The link over a real socket, read at the far end frame by frame. */
class PipecatWsLinkContractTest implements RunnerLinkContract {
    /** Small, so that a stalled reader is felt soon; the kernel doubles it. */
    private static final int RECEIVE_BUFFER_BYTES = 8 * 1024;

    @Override
    public Harness newHarness() {
        try {
            return new SocketHarness();
        } catch (Exception e) {
            throw new IllegalStateException("the link did not open", e);
        }
    }

    private static final class SocketHarness implements Harness {
        private final TestServer server = new TestServer();
        private final WireRunner runner;
        private final TestRunnerGate.Heard heard;
        private final List<Sent> received = new CopyOnWriteArrayList<>();
        private final Semaphore mayRead = new Semaphore(1);

        SocketHarness() throws IOException, InterruptedException {
            var socket = new Socket();
            socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
            socket.connect(server.server.address());
            runner = new WireRunner(socket, TestServer.upgrade("/" + ID + "/ws", TOKEN));
            heard = server.gate.at(ID, LinkDirection.BOTH);
            if (!heard.next().equals("opened")) {
                throw new IllegalStateException("the first thing heard was not that the link is open");
            }
            Thread.ofVirtual().name("test-runner").start(this::readAll);
        }

        private void readAll() {
            try {
                while (true) {
                    mayRead.acquire();
                    mayRead.release();
                    Received next = runner.receive();
                    if (next.opcode() == WireRunner.BINARY) {
                        received.add(sent(Frame.parseFrom(next.payload())));
                    }
                }
            } catch (IOException | InterruptedException e) {
                // The end of the link is the end of reading.
                return;
            }
        }

        private static Sent sent(Frame frame) {
            return switch (frame.getFrameCase()) {
                case AUDIO -> audio(frame.getAudio());
                case INTERRUPTION -> new Command(new RunnerCommand.Interrupt());
                case MESSAGE ->
                    message(JsonMapper.shared().readTree(frame.getMessage().getData()));
                default -> throw new AssertionError("the link sent " + frame.getFrameCase());
            };
        }

        private static Audio audio(AudioRawFrame audio) {
            ByteBuffer pcm = audio.getAudio().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            short[] samples = new short[pcm.remaining() / Short.BYTES];
            pcm.asShortBuffer().get(samples);
            return new Audio(samples, audio.getSampleRate());
        }

        private static Sent message(JsonNode message) {
            JsonNode data = message.path("data");
            return switch (message.path("type").stringValue()) {
                case "client-ready" -> new Command(new RunnerCommand.ClientReady());
                case "send-text" ->
                    new Command(new RunnerCommand.SendText(
                            data.path("content").stringValue(),
                            data.path("options").path("run_immediately").booleanValue(),
                            data.path("options").path("audio_response").booleanValue()));
                case "dtmf" ->
                    new Command(new RunnerCommand.PressKey(
                            data.path("buttons").path(0).stringValue().charAt(0)));
                case "client-message" -> report(data.path("d"));
                default -> throw new AssertionError("the link sent " + message);
            };
        }

        private static Sent report(JsonNode report) {
            return report.has("event")
                    ? new Flushed(
                            report.path("at_ms").longValue(),
                            report.path("dropped_ms").longValue(),
                            report.path("limit_ms").longValue())
                    : new Playout(
                            report.path("pos_ms").longValue(),
                            report.path("limit_ms").longValue(),
                            report.path("queued_ms").longValue());
        }

        @Override
        public RunnerLink link() {
            return heard.link();
        }

        @Override
        public List<Sent> received(int count) {
            TestMeter.await(() -> received.size() >= count, () -> "received " + received.size() + " of " + count);
            return new ArrayList<>(received);
        }

        @Override
        public void stall() {
            mayRead.acquireUninterruptibly();
        }

        @Override
        public void resume() {
            mayRead.release();
        }

        @Override
        public int chunksThatOverrun() {
            return 2_000;
        }

        @Override
        public int commandsThatOverrun() {
            return 10_000;
        }

        @Override
        public void runnerCloses() {
            try {
                runner.send(
                        WireRunner.CLOSE,
                        ByteBuffer.allocate(2).putShort((short) 1000).array());
            } catch (IOException e) {
                throw new UncheckedIOException("the runner could not close", e);
            }
        }

        @Override
        public LinkEnd awaitEnd() {
            TestMeter.await(() -> heard.ends() > 0, () -> "no end was heard");
            return heard.lastEnd();
        }

        @Override
        public int ends() {
            return heard.ends();
        }

        @Override
        public void close() {
            try {
                runner.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the runner's socket did not close", e);
            } finally {
                server.close();
            }
        }
    }
}
