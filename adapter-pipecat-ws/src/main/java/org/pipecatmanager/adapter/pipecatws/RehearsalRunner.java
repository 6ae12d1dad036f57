package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;

/**
 * A runner's end of a link, for a daemon that rehearses with itself before it takes calls: it speaks, tells of a turn, interrupts,
 * and listens to nothing.
 *
 * <p>Not thread safe. What is sent must be read by the server within a second; there is nobody else to talk to.
 */
public final class RehearsalRunner implements AutoCloseable {
    private static final int FRAMES_PER_SECOND = 50;
    /** Of 32767. */
    private static final short LOUDNESS = 1_000;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int READ_BYTES = 64 * 1024;
    private static final byte FINAL_BINARY = (byte) 0x82;
    private static final byte MASKED_16 = (byte) (0x80 | 126);
    /** Two bytes, a length of two, and the mask. */
    private static final int HEADER_BYTES = 8;

    private static final int MASK = 0x5a17c3e9;

    /** One of everything that a turn consists of: type, then data. */
    private static final List<List<String>> TURN = List.of(
            List.of("bot-ready", "{'version':'2.2.0'}"),
            List.of("user-started-speaking", "{}"),
            List.of("user-transcription", "{'text':'hello','final':true}"),
            List.of("user-stopped-speaking", "{}"),
            List.of("user-llm-text", "{'text':'hello'}"),
            List.of("bot-llm-started", "{}"),
            List.of("bot-llm-text", "{'text':'Hello.'}"),
            List.of("bot-llm-stopped", "{}"),
            List.of("bot-transcription", "{'text':'Hello.'}"),
            List.of("bot-started-speaking", "{}"),
            List.of("llm-function-call-in-progress", "{'tool_call_id':'1','function_name':'f'}"),
            List.of("llm-function-call-stopped", "{'tool_call_id':'1','function_name':'f'}"),
            List.of("bot-output", "{'segment_id':'1','text':'Hello.','spoken_status':'completed'}"),
            List.of("metrics", "{'ttfb':[{'processor':'llm','value':0.1}]}"),
            List.of("bot-stopped-speaking", "{}"));

    private final SocketChannel channel;
    private final byte[] speech;
    private final ByteBuffer received = ByteBuffer.allocate(READ_BYTES);

    private RehearsalRunner(SocketChannel channel, int sampleRateHz) {
        this.channel = channel;
        short[] samples = new short[sampleRateHz / FRAMES_PER_SECOND];
        Arrays.fill(samples, LOUDNESS);
        this.speech = FrameCodec.encodeAudio(samples, 0, samples.length, sampleRateHz);
    }

    /**
     * Opens a link; blocks until it is open.
     *
     * @param sampleRateHz of what it will say
     * @throws IOException the server did not let it in
     */
    public static RehearsalRunner connect(InetSocketAddress server, PipecatcallId id, Secret token, int sampleRateHz)
            throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        RehearsalRunner runner = new RehearsalRunner(channel, sampleRateHz);
        try {
            runner.write(ByteBuffer.wrap(upgrade(id, token)));
            runner.awaitOpen();
            channel.configureBlocking(false);
            return runner;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] upgrade(PipecatcallId id, Secret token) {
        return String.join(
                        "\r\n",
                        "GET /" + id + "/ws HTTP/1.1",
                        "Host: localhost",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                        "Authorization: Bearer " + token.reveal(),
                        "",
                        "")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void awaitOpen() throws IOException {
        while (RequestHead.end(received.array(), received.position(), 0) < 0) {
            if (channel.read(received) < 0) {
                throw new IOException("the link of the rehearsal was not let in");
            }
        }
        String answer = new String(received.array(), 0, received.position(), StandardCharsets.US_ASCII);
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("the link of the rehearsal was answered "
                    + answer.lines().findFirst().orElse("with nothing"));
        }
    }

    /** Says 20 ms. */
    public void speak() throws IOException {
        send(speech);
    }

    /** Tells of everything that happens in a turn of the conversation. */
    public void tellOfATurn() throws IOException {
        for (List<String> message : TURN) {
            send(FrameCodec.encodeMessage("{\"label\":\"rtvi-ai\",\"type\":\"" + message.getFirst() + "\",\"data\":"
                    + message.getLast().replace('\'', '"') + "}"));
        }
    }

    /** The caller interrupts: what was spoken so far is void. */
    public void interrupt() throws IOException {
        send(FrameCodec.encodeInterruption());
    }

    /** Reads what has come, and forgets it. */
    public void listen() throws IOException {
        while (channel.read(received.clear()) == READ_BYTES) {
            Thread.onSpinWait();
        }
    }

    private void send(byte[] message) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + message.length)
                .put(FINAL_BINARY)
                .put(MASKED_16)
                .putShort((short) message.length)
                .putInt(MASK);
        for (int i = 0; i < message.length; i++) {
            frame.put((byte) (message[i] ^ (MASK >>> (Integer.SIZE - Byte.SIZE - Byte.SIZE * (i % Integer.BYTES)))));
        }
        write(frame.flip());
    }

    private void write(ByteBuffer bytes) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0 && System.nanoTime() - deadline > 0) {
                throw new IOException("the server does not read what a rehearsal sends");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
