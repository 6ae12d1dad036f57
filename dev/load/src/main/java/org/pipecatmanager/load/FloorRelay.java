package org.pipecatmanager.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.Resampler;

/**
 * The floor: a bare relay between AudioSocket at 8 kHz and length-prefixed frames at 16 kHz, with the product's filters both
 * ways and nothing else: no protobuf, no WebSocket, no pacing, no counters.
 *
 * <p>One thread with one selector, one read and one write per frame, direct buffers; steady traffic allocates nothing. Both
 * sides connect and name the call first (AudioSocket with its id message, the runner with the 16 bytes alone); what comes
 * before the other side is there is dropped.
 *
 * <p>Prints its ports as a line of JSON; answers each line on standard input with the bytes it has allocated; ends when that
 * input ends.
 */
public final class FloorRelay {
    private static final int BACKLOG = 1_000;
    private static final int ROOM = 8 * 1024;
    private static final int AUDIO = 0x10;
    private static final int FRAME_HEAD = 3;
    private static final int RUNNER_HEAD = 2;
    private static final int ID_BYTES = 16;

    private final Selector selector;
    /** Made once: it would be made anew for every wait. */
    private final Consumer<SelectionKey> whenReady = this::ready;

    private final ServerSocketChannel callers;
    private final ServerSocketChannel runners;
    /** A side waits here for the other. */
    private final Map<UUID, Side> unpaired = new HashMap<>();

    private final short[] samplesIn = new short[ROOM];
    private final short[] samplesOut = new short[2 * ROOM];
    private final ByteBuffer out = ByteBuffer.allocateDirect(2 * ROOM);

    private FloorRelay() throws IOException {
        selector = Selector.open();
        callers = listen();
        runners = listen();
    }

    private ServerSocketChannel listen() throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        return listener;
    }

    /** Serves until standard input ends. */
    public static void main(String[] arguments) throws IOException {
        FloorRelay relay = new FloorRelay();
        Thread.ofPlatform().name("relay").daemon().start(relay::run);
        System.out.println("{\"audiosocket\":" + relay.callers.socket().getLocalPort() + ",\"runner\":"
                + relay.runners.socket().getLocalPort() + "}");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (lines.readLine() != null) {
                System.out.println(threads.getTotalThreadAllocatedBytes());
            }
        }
    }

    private void run() {
        try {
            while (true) {
                selector.select(whenReady);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the relay's selector failed", e);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept((ServerSocketChannel) key.channel());
            } else if (key.attachment() instanceof Side side) {
                side.ready();
            }
        } catch (IOException e) {
            if (key.attachment() instanceof Side side) {
                side.end();
            }
        }
    }

    private void accept(ServerSocketChannel listener) throws IOException {
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Side side = listener.equals(callers) ? new CallerSide(channel) : new RunnerSide(channel);
            channel.register(selector, SelectionKey.OP_READ, side);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            System.err.println("a connection does not close: " + e.getMessage());
        }
    }

    /** One connection: reads what comes, filters it, writes it to the other side. */
    private abstract class Side {
        final SocketChannel channel;
        final ByteBuffer in = ByteBuffer.allocateDirect(ROOM);
        final Resampler filter;

        @Nullable
        Side other;

        private @Nullable UUID id;

        Side(SocketChannel channel, int fromHz, int toHz) {
            this.channel = channel;
            filter = Resampler.between(fromHz, toHz);
        }

        /** Takes one message, if it is there as a whole; answers where it ends, or -1. */
        abstract int take(int at, int limit) throws IOException;

        final void ready() throws IOException {
            if (channel.read(in) < 0) {
                end();
                return;
            }
            int limit = in.position();
            int at = 0;
            for (int next = take(at, limit); next >= 0; next = take(at, limit)) {
                at = next;
            }
            if (at == limit) {
                in.clear();
            } else {
                in.limit(limit).position(at);
                in.compact();
            }
        }

        final boolean isNamed() {
            return id != null;
        }

        final void named(int at) {
            id = new UUID(in.getLong(at), in.getLong(at + 8));
            Side waiting = unpaired.remove(id);
            if (waiting == null) {
                unpaired.put(id, this);
            } else {
                other = waiting;
                waiting.other = this;
            }
        }

        final void end() {
            close(channel);
            if (id != null) {
                unpaired.remove(id);
            }
            if (other != null) {
                close(other.channel);
            }
        }

        /** Filters {@code bytes} of PCM and appends them to the message that is being made; answers how many bytes. */
        final int filtered(int at, int bytes, int head) {
            int count = bytes / 2;
            for (int i = 0; i < count; i++) {
                samplesIn[i] = Pcm.sample(in, at + 2 * i);
            }
            int made = filter.process(samplesIn, 0, count, samplesOut, 0);
            out.clear().position(head);
            for (int i = 0; i < made; i++) {
                out.put((byte) samplesOut[i]).put((byte) (samplesOut[i] >> 8));
            }
            return 2 * made;
        }
    }

    private final class CallerSide extends Side {
        CallerSide(SocketChannel channel) {
            super(channel, Wire.CALLER_HZ, Wire.RUNNER_HZ);
        }

        @Override
        int take(int at, int limit) throws IOException {
            if (limit - at < FRAME_HEAD) {
                return -1;
            }
            int length = in.getShort(at + 1) & 0xffff;
            int next = at + FRAME_HEAD + length;
            if (next > limit) {
                return -1;
            }
            if (in.get(at) == 1) {
                named(at + FRAME_HEAD);
            } else if (in.get(at) == AUDIO && other != null) {
                int bytes = filtered(at + FRAME_HEAD, length, RUNNER_HEAD);
                out.putShort(0, (short) bytes);
                Wire.write(other.channel, out.flip());
            }
            return next;
        }
    }

    private final class RunnerSide extends Side {
        RunnerSide(SocketChannel channel) {
            super(channel, Wire.RUNNER_HZ, Wire.CALLER_HZ);
        }

        @Override
        int take(int at, int limit) throws IOException {
            if (!isNamed()) {
                if (limit - at < ID_BYTES) {
                    return -1;
                }
                named(at);
                return at + ID_BYTES;
            }
            if (limit - at < RUNNER_HEAD) {
                return -1;
            }
            int length = in.getShort(at) & 0xffff;
            int next = at + RUNNER_HEAD + length;
            if (next > limit) {
                return -1;
            }
            if (other != null) {
                int bytes = filtered(at + RUNNER_HEAD, length, FRAME_HEAD);
                out.put(0, (byte) AUDIO).putShort(1, (short) bytes);
                Wire.write(other.channel, out.flip());
            }
            return next;
        }
    }
}
