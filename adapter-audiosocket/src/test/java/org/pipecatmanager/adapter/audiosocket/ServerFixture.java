package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.out.TimeSource;

/** A server on a free port of this machine, with short waits, and what it told. */
final class ServerFixture implements AutoCloseable {
    final FakeGate gate = new FakeGate();
    final CountingMeter meter = new CountingMeter();
    final AudioSocketServer server;
    private final SystemTime time = new SystemTime();

    private ServerFixture(AudioSocketConfig config) {
        TimeSource clock = time;
        server = AudioSocketServer.create(config, gate, meter, clock);
        server.start();
    }

    static Settings settings() {
        return new Settings();
    }

    /** What a test may set; the rest waits long enough never to matter. */
    static final class Settings {
        int maxConnections = 10_000;
        Duration handshakeTimeout = Duration.ofSeconds(30);
        Duration stallTimeout = Duration.ofSeconds(30);
        Duration closeGrace = Duration.ofSeconds(30);
        Optional<AudioFormat> requestedFormat = Optional.empty();
        List<AddressRange> allow = List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));
        List<String> agents = List.of("");

        ServerFixture start() {
            return new ServerFixture(config());
        }

        AudioSocketConfig config() {
            List<AudioSocketConfig.Listener> listeners = agents.stream()
                    .map(agent -> new AudioSocketConfig.Listener(loopback(0), agent))
                    .toList();
            return new AudioSocketConfig(
                    listeners, allow, maxConnections, handshakeTimeout, requestedFormat, 2, stallTimeout, closeGrace);
        }
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    Peer connect() throws IOException {
        return new Peer(address());
    }

    InetSocketAddress address() {
        return server.addresses().getFirst();
    }

    /** Connects and presents the peer's own id; returns when the first frame is there. */
    Peer call() throws IOException {
        Peer peer = connect().hello();
        assertThat(peer.receive().kind()).isEqualTo(0x10);
        return peer;
    }

    void awaitClosed(String reason, int count) {
        await(() -> meter.closedFor(reason) == count, count + " connections closed for " + reason);
    }

    void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + Peer.PATIENCE_MILLIS * 1_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(
                        "waited in vain for " + what + "; closed: " + meter.reasons() + " of " + meter.openedCount());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Closes, then checks what holds at the end of every test: nothing left open, every connection counted, no offence. */
    @Override
    public void close() {
        assertThat(loops()).as("loops while the server runs").isNotEmpty();
        server.close();
        time.close();
        assertThat(loops()).as("loops after the close").isEmpty();
        assertThat(meter.closedCount()).as("closed: %s", meter.reasons()).isEqualTo(meter.openedCount());
        for (FakeMedia media : gate.all) {
            assertThat(media.offences()).isEmpty();
            assertThat(media.ends).hasSize(1);
        }
    }

    private static List<Thread> loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("audiosocket-loop-"))
                .toList();
    }
}
