package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;

/**
 * The first stage of a socket: reads the request head and decides. An upgrade is put before the gate and becomes a link
 * or an
 * answer; everything else, with the bytes read so far, is the HTTP library's.
 */
final class HeadConnection implements LoopConnection {
    private static final int FIRST_BYTES = 1024;

    /** Where a socket goes from here. */
    interface Onward {
        /** To the HTTP library; {@code received} is what was read, the socket is off the loop. */
        void http(SocketChannel channel, ByteBuffer received) throws IOException;

        /** To the gate; of {@code received}, on the heap, the first {@code headBytes} are the request. */
        void upgrade(UpgradeRequest.Wanted wanted, LinkLoop loop, SelectionKey key, ByteBuffer received, int headBytes)
                throws IOException;

        /** To where callers' legs are; {@code received} as for an upgrade. */
        void leg(UpgradeRequest.Leg wanted, SelectionKey key, ByteBuffer received, int headBytes);

        /** To its end, saying so first. */
        void refused(SelectionKey key, HttpAnswer answer, String counted);

        /** It is gone already. */
        void gone(String counted);
    }

    private final LinkLoop loop;
    private final SelectionKey key;
    private final SocketChannel channel;
    private final Onward onward;
    private final long deadlineNanos;
    private ByteBuffer head = ByteBuffer.allocate(FIRST_BYTES);
    private boolean decided;

    /** Begins to read; loop thread. */
    HeadConnection(LinkLoop loop, SelectionKey key, Onward onward, long deadlineNanos) {
        this.loop = loop;
        this.key = key;
        this.channel = (SocketChannel) key.channel();
        this.onward = onward;
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void readable(ByteBuffer scratch) throws IOException {
        int from = head.position();
        if (channel.read(head) < 0) {
            broken();
            return;
        }
        if (head.position() == 0) {
            return;
        }
        int end = RequestHead.end(head.array(), head.position(), from);
        if (end >= 0) {
            decide(RequestHead.parse(head.array(), end), end);
        } else if (!startsLikeARequest(head.get(0))) {
            refuse(HttpAnswer.of(400, "this is not HTTP"), "malformed_head");
        } else if (head.position() == PipecatWsConfig.MAX_HEAD_BYTES) {
            refuse(
                    HttpAnswer.of(431, "the request head exceeds " + PipecatWsConfig.MAX_HEAD_BYTES + " bytes"),
                    "long_head");
        } else if (!head.hasRemaining()) {
            head = ByteBuffer.wrap(
                            Arrays.copyOf(head.array(), Math.min(2 * head.capacity(), PipecatWsConfig.MAX_HEAD_BYTES)))
                    .position(head.position());
        }
    }

    /** Methods are upper-case words: a TLS hello or noise is not worth waiting for. */
    private static boolean startsLikeARequest(byte first) {
        return first >= 'A' && first <= 'Z';
    }

    private void decide(Optional<RequestHead> parsed, int headBytes) throws IOException {
        decided = true;
        head.flip();
        if (parsed.isEmpty() || !parsed.get().asksForWebSocket()) {
            key.attach(null);
            key.cancel();
            onward.http(channel, head);
            return;
        }
        switch (UpgradeRequest.of(parsed.get())) {
            case UpgradeRequest.Refused(HttpAnswer answer, String counted) -> onward.refused(key, answer, counted);
            case UpgradeRequest.Leg wanted -> onward.leg(wanted, key, head, headBytes);
            case UpgradeRequest.Wanted wanted -> onward.upgrade(wanted, loop, key, head, headBytes);
        }
    }

    private void refuse(HttpAnswer answer, String counted) {
        decided = true;
        onward.refused(key, answer, counted);
    }

    @Override
    public void writable() {
        // Nothing is written before the decision.
    }

    @Override
    public void tick(long nowNanos) {
        if (nowNanos - deadlineNanos >= 0 && !decided) {
            refuse(HttpAnswer.of(408, "the request head did not arrive in time"), "head_timeout");
        }
    }

    @Override
    public void broken() {
        if (!decided) {
            decided = true;
            Sockets.close(channel);
            onward.gone("head_unfinished");
        }
    }

    @Override
    public void stop() {
        if (!decided) {
            refuse(HttpAnswer.of(503, "the daemon stops"), "server_stopped");
        }
    }
}
