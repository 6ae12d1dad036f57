package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The runner's side of one call through the bare relay: two bytes of length, then 16 kHz, both ways. */
final class RelayLink extends End {
    private final Call call;
    private final Speech speech;

    private RelayLink(Call call, SocketChannel channel, Speech speech) {
        super(channel, 8 * 1024);
        this.call = call;
        this.speech = speech;
    }

    /** Blocks until the connection stands and the id is told. */
    static RelayLink open(Call call, InetSocketAddress address, Speech speech) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(address);
            channel.write(ByteBuffer.allocate(16)
                    .putLong(call.id().getMostSignificantBits())
                    .putLong(call.id().getLeastSignificantBits())
                    .flip());
            channel.configureBlocking(false);
            return new RelayLink(call, channel, speech);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    void send(long now) throws IOException {
        speech.speak(this, call.down(), now);
    }

    @Override
    boolean take(ByteBuffer in, long now) {
        int at = in.position();
        if (in.remaining() < 2) {
            return false;
        }
        int length = in.getShort(at) & 0xffff;
        if (in.remaining() < 2 + length) {
            return false;
        }
        in.position(at + 2 + length);
        call.up().arrived(Pcm.mark(in, at + 2, length), now);
        return true;
    }
}
