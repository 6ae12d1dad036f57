package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.pipecatmanager.microbench.AllocatesNothing;
import org.pipecatmanager.microbench.PerFrame;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * 20 ms of audio at 16 kHz in a WebSocket frame of protobuf: from the bytes a runner sends to what the listener hears, and
 * from samples to what the socket is given; and the same by protobuf's own objects, which everything but plain audio takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class LinkCodecBenchmark {
    private static final int HZ = 16_000;
    private static final int SAMPLES = HZ / 50;
    private static final int MASK = 0x1f2e3d4c;
    private static final int MASKED = 0x80;

    private final short[] samples = new short[SAMPLES];
    private final byte[] message = FrameCodec.encodeAudio(samples, 0, SAMPLES, HZ);
    private final byte[] masked = masked(message);
    private final ByteBuffer scratch = ByteBuffer.allocate(4096);
    private final ByteBuffer view = ByteBuffer.wrap(scratch.array()).order(ByteOrder.LITTLE_ENDIAN);
    private final Listener listener = new Listener();
    private final FrameReader reader = new FrameReader(listener, ConnectionMeter.NONE);
    private final InputFrames input = new InputFrames(new Plain());
    private final Socket socket = new Socket();
    private final LinkOutput output = open(socket);

    private static LinkOutput open(WritableByteChannel socket) {
        var output = new LinkOutput(
                socket,
                new SendQueue(1_000_000, 1_000_000),
                new ArrayDeque<>(),
                () -> {},
                LinkCodecBenchmark::unplanned);
        output.open();
        return output;
    }

    /** What {@link ServerFrame} makes of a message has a header of four bytes; a client's has the mask behind it. */
    private static byte[] masked(byte[] message) {
        byte[] plain = ServerFrame.of(message);
        int header = plain.length - message.length;
        ByteBuffer frame = ByteBuffer.allocate(plain.length + Integer.BYTES)
                .put(plain, 0, header)
                .putInt(MASK)
                .put(message);
        frame.put(1, (byte) (frame.get(1) | MASKED));
        int from = header + Integer.BYTES;
        for (int i = from; i < frame.capacity(); i++) {
            int shift = Integer.SIZE - Byte.SIZE * (1 + (i - from) % Integer.BYTES);
            frame.put(i, (byte) (frame.get(i) ^ (MASK >>> shift)));
        }
        return frame.array();
    }

    /** With the copy that reading from a socket would make. */
    @Benchmark
    @PerFrame
    @AllocatesNothing
    public long receiveAudio() {
        input.take(input.begin(scratch).put(masked).flip());
        return listener.heardBytes;
    }

    @Benchmark
    @PerFrame
    @AllocatesNothing
    public long sendAudio() {
        if (!output.tryAudio(samples, 0, SAMPLES, HZ)) {
            throw unplanned();
        }
        return socket.bytes;
    }

    @Benchmark
    @PerFrame
    @AllocatesNothing
    public long sendReportAndAudio() {
        if (!output.tryPlayoutAndAudio(123_456, 123_856, 60, samples, 0, SAMPLES, HZ)) {
            throw unplanned();
        }
        return socket.bytes;
    }

    @Benchmark
    @PerFrame
    public RunnerFrame decodeByProtobuf() throws ProtocolViolation {
        return FrameCodec.decode(ByteBuffer.wrap(message));
    }

    private static IllegalStateException unplanned() {
        return new IllegalStateException("a link left its plain way in the middle of a benchmark");
    }

    /** Takes everything. */
    private static final class Socket implements WritableByteChannel {
        private long bytes;

        @Override
        public int write(ByteBuffer from) {
            int length = from.remaining();
            bytes += length;
            from.position(from.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private final class Plain implements InputFrames.Sink {
        @Override
        public void message(byte[] bytes, int from, int to) {
            try {
                reader.read(bytes, from, to, view);
            } catch (ProtocolViolation e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void codec(ByteBuffer in) {
            throw unplanned();
        }
    }

    private static final class Listener implements RunnerGate.Listener {
        private long heardBytes;

        @Override
        public void audio(ByteBuffer pcm, int sampleRateHz) {
            heardBytes += pcm.remaining();
        }

        @Override
        public void opened(RunnerLink link) {}

        @Override
        public void interrupted() {}

        @Override
        public void message(RunnerMessage message) {}

        @Override
        public void closed(LinkEnd end) {}
    }
}
