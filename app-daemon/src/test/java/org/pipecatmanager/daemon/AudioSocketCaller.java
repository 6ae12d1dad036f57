package org.pipecatmanager.daemon;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asterisk's side of one call: speaks a loud square wave at 8 kHz, listens for it, and hears the hangup. */
final class AudioSocketCaller implements AutoCloseable {
    private static final int FRAME_BYTES = 320;
    /** A sample this loud is no silence and no comfort noise. */
    private static final int LOUD = 2_000;

    private final Socket socket;
    private final CountDownLatch heardItself = new CountDownLatch(1);
    private final CountDownLatch hungUp = new CountDownLatch(1);
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Thread speaker;

    /** One frame that came, and whether something was to be heard in it. */
    record Heard(long atNanos, boolean loud) {}

    AudioSocketCaller(String host, int port, UUID id) throws IOException {
        socket = new Socket(InetAddress.getByName(host), port);
        byte[] uuid = ByteBuffer.allocate(19)
                .put(new byte[] {1, 0, 16})
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        socket.getOutputStream().write(uuid);
        speaker = Thread.ofVirtual().start(this::speak);
        Thread.ofVirtual().start(this::listen);
    }

    /** The frames that came so far. */
    List<Heard> heard() {
        return heard;
    }

    boolean heardItself(long seconds) throws InterruptedException {
        return heardItself.await(seconds, TimeUnit.SECONDS);
    }

    /** Whether the far end hung up in order: the message, then the end of the stream. */
    boolean wasHungUp(long seconds) throws InterruptedException {
        return hungUp.await(seconds, TimeUnit.SECONDS);
    }

    /** Says goodbye as Asterisk does. */
    void hangUp() throws IOException {
        socket.getOutputStream().write(new byte[] {0, 0, 0});
    }

    /** Closes without a word, as Asterisk does when the caller hangs up. */
    void leave() throws IOException {
        speaker.interrupt();
        socket.shutdownOutput();
    }

    /** Breaks the connection: the far end sees a reset, not an end. */
    void breakOff() throws IOException {
        speaker.interrupt();
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Reports an error as Asterisk does. */
    void fail() throws IOException {
        speaker.interrupt();
        socket.getOutputStream().write(new byte[] {(byte) 0xff, 0, 1, 1});
    }

    private void speak() {
        ByteBuffer frame = ByteBuffer.allocate(3 + FRAME_BYTES).put(new byte[] {0x10, 1, 0x40});
        for (int i = 0; i < FRAME_BYTES / 2; i++) {
            short sample = (short) (i / 10 % 2 == 0 ? 8_000 : -8_000);
            frame.putShort(Short.reverseBytes(sample));
        }
        try {
            OutputStream out = socket.getOutputStream();
            while (hungUp.getCount() > 0) {
                out.write(frame.array());
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (IOException | InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen() {
        try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
            while (true) {
                int kind = in.readUnsignedByte();
                byte[] payload = in.readNBytes(in.readUnsignedShort());
                if (kind == 0) {
                    if (in.read() < 0) {
                        hungUp.countDown();
                    }
                    return;
                }
                boolean loud = false;
                for (int i = 0; i + 1 < payload.length; i += 2) {
                    if (Math.abs((short) ((payload[i] & 0xff) | (payload[i + 1] << 8))) > LOUD) {
                        heardItself.countDown();
                        loud = true;
                    }
                }
                heard.add(new Heard(System.nanoTime(), loud));
            }
        } catch (IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        speaker.interrupt();
        socket.close();
    }
}
