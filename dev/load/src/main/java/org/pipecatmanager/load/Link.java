package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The runner's side of one call through the daemon: a masked WebSocket client that speaks pipecat's frames. */
final class Link extends End {
    private static final String HEAD_END = "\r\n\r\n";
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    /** Field 2 of a frame: audio. */
    private static final int AUDIO_TAG = 0x12;
    /** Field 4 of a frame: RTVI, with the reports of what was heard. */
    private static final int MESSAGE_TAG = 0x22;

    private static final byte[] LIMIT = "\"limit_ms\":".getBytes(StandardCharsets.US_ASCII);
    /** Field 3 of an audio frame: the samples. */
    private static final int SAMPLES_TAG = 0x1a;

    private final Call call;
    private final Speech speech;
    private int at;

    private Link(Call call, SocketChannel channel, Speech speech) {
        super(channel, 32 * 1024);
        this.call = call;
        this.speech = speech;
    }

    /** Blocks until the daemon has accepted the upgrade; answers anything else with an IOException that tells it. */
    static Link open(Call call, URI url, String token, Speech speech) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(new InetSocketAddress(url.getHost(), url.getPort()));
            String request = "GET " + url.getRawPath() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                    + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " + token + "\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
            Link link = new Link(call, channel, speech);
            String answer = link.head();
            if (!answer.startsWith("HTTP/1.1 101")) {
                throw new IOException("the daemon refused the link: "
                        + answer.lines().findFirst().orElse("nothing"));
            }
            call.linkOpened(System.nanoTime());
            channel.configureBlocking(false);
            return link;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Up to and with the empty line; messages that came with it stay in the buffer. */
    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        ByteBuffer in = in();
        while (true) {
            if (channel().read(in) < 0) {
                throw new IOException("the daemon closed instead of accepting the link; it said '" + head + "'");
            }
            in.flip();
            while (in.hasRemaining()) {
                head.append((char) in.get());
                if (head.length() >= HEAD_END.length()
                        && head.indexOf(HEAD_END, head.length() - HEAD_END.length()) >= 0) {
                    in.compact();
                    return head.toString();
                }
            }
            in.clear();
        }
    }

    @Override
    void send(long now) throws IOException {
        speech.speak(this, call.down(), now);
    }

    @Override
    boolean take(ByteBuffer in, long now) throws IOException {
        int start = in.position();
        if (in.remaining() < 2) {
            return false;
        }
        int opcode = in.get(start) & 0x0f;
        int length = in.get(start + 1) & 0x7f;
        int payload = start + 2;
        if (length == 126) {
            if (in.remaining() < 4) {
                return false;
            }
            length = in.getShort(payload) & 0xffff;
            payload += 2;
        } else if (length == 127) {
            throw new IOException("a message of more than 64 KiB came");
        }
        if (in.limit() - payload < length) {
            return false;
        }
        in.position(payload + length);
        switch (opcode) {
            case CLOSE -> {
                channel().write(Wire.masked(CLOSE, copy(in, payload, length)));
                close();
            }
            case PING -> channel().write(Wire.masked(PONG, copy(in, payload, length)));
            default -> message(in, payload, payload + length, now);
        }
        return true;
    }

    private static byte[] copy(ByteBuffer in, int from, int length) {
        byte[] bytes = new byte[length];
        in.get(from, bytes);
        return bytes;
    }

    private void message(ByteBuffer in, int from, int to, long now) {
        at = from;
        if (to == from) {
            return;
        }
        int tag = in.get(at++);
        if (tag == AUDIO_TAG) {
            varint(in);
            audio(in, to, now);
        } else if (tag == MESSAGE_TAG) {
            grant(in, to);
        }
    }

    /** The limit of a playout report, found in its text as the daemon writes it. */
    private void grant(ByteBuffer in, int to) {
        int matched = 0;
        for (; at < to && matched < LIMIT.length; at++) {
            byte next = in.get(at);
            matched = next == LIMIT[matched] ? matched + 1 : next == LIMIT[0] ? 1 : 0;
        }
        long limit = 0;
        for (; at < to && in.get(at) >= '0' && in.get(at) <= '9'; at++) {
            limit = 10 * limit + in.get(at) - '0';
        }
        if (limit > 0) {
            speech.granted(limit);
        }
    }

    private void audio(ByteBuffer in, int to, long now) {
        while (at < to) {
            int tag = in.get(at++);
            int value = varint(in);
            if (tag == SAMPLES_TAG) {
                for (int frame = 0; frame < value; frame += 2 * Wire.RUNNER_SAMPLES) {
                    int length = Math.min(2 * Wire.RUNNER_SAMPLES, value - frame);
                    call.up().arrived(Pcm.mark(in, at + frame, length), now);
                }
                return;
            }
            // What precedes the samples is a number, or has a length.
            at += (tag & 7) == 2 ? value : 0;
        }
    }

    private int varint(ByteBuffer in) {
        int value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get(at++);
            value |= (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }
}
