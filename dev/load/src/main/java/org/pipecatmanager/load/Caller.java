package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.UUID;

/** Asterisk's side of one call: dials, tells the id, speaks a marked frame every 20 ms, and listens. */
final class Caller extends End {
    private static final int HANGUP = 0x00;
    private static final int AUDIO = 0x10;
    private static final ByteBuffer[] FRAMES = Wire.audioSocket();

    private final Call call;

    private Caller(Call call, SocketChannel channel) {
        super(channel, 8 * 1024);
        this.call = call;
    }

    /** Blocks until the connection stands and the id is told. */
    static Caller dial(Call call, InetSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(address);
            channel.write(id(call.id()));
            channel.configureBlocking(false);
            return new Caller(call, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static ByteBuffer id(UUID id) {
        return ByteBuffer.allocate(19)
                .put((byte) 1)
                .putShort((short) 16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip();
    }

    @Override
    void send(long now) throws IOException {
        Wire.write(channel(), FRAMES[call.up().send(now)]);
    }

    @Override
    boolean take(ByteBuffer in, long now) throws IOException {
        int at = in.position();
        if (in.remaining() < 3) {
            return false;
        }
        int kind = in.get(at);
        int length = ((in.get(at + 1) & 0xff) << 8) | (in.get(at + 2) & 0xff);
        if (in.remaining() < 3 + length) {
            return false;
        }
        in.position(at + 3 + length);
        switch (kind) {
            case AUDIO -> {
                call.legOpened(now);
                call.hearing().arrived(Pcm.mark(in, at + 3, length), now);
            }
            case HANGUP -> {
                call.legClosed(now);
                close();
            }
            default -> throw new IOException("kind " + kind + " came, which Asterisk does not take");
        }
        return true;
    }
}
