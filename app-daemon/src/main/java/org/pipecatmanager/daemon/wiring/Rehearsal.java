package org.pipecatmanager.daemon.wiring;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.pipecatws.PipecatWsConfig;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.adapter.pipecatws.RehearsalRunner;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.RunWire;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls with itself, over real sockets on loopback, before the daemon takes real ones: what they load, and have the virtual machine
 * compile, no caller's loop waits for. A machine just started, and given hundreds of calls at once, otherwise interprets their
 * audio for seconds while it compiles (docs/performance.md has the latencies of both).
 *
 * <p>The calls run in fast motion: their clock is {@value #SPEED} times as fast, so each second is as good as that many. An engine,
 * servers, counts and events of their own are thrown away afterwards.
 */
final class Rehearsal {
    /** Enough that the loops always have something to do; more would only take longer to begin. */
    private static final int CALLS = 24;

    private static final int SPEED = 8;
    /** A round is a frame of each call. */
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(AudioFormat.FRAME_MILLIS) / SPEED;

    private static final int ROUNDS_PER_TURN = 50;
    private static final int[] VOICES_HZ = {16_000, 24_000, 16_000, 22_050};
    private static final AudioFormat CALLER = AudioFormat.SLIN_8K;
    /** For what takes milliseconds, also on a machine that is busy starting. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int HEADER_BYTES = 3;
    private static final int ID_BYTES = 16;
    private static final int READ_BYTES = 64 * 1024;

    private final BlockingQueue<RunnerLaunch> launches = new LinkedBlockingQueue<>();
    private final List<SocketChannel> callers = new ArrayList<>();
    private final List<RehearsalRunner> runners = new ArrayList<>();
    private final ByteBuffer received = ByteBuffer.allocateDirect(READ_BYTES);

    private Rehearsal() {}

    /**
     * Plays for {@code atLeast}; blocks for that and some hundred milliseconds more.
     *
     * @return bytes that the callers heard
     * @throws IOException a socket of the rehearsal failed, or its servers did not do what they should
     */
    static long run(Duration atLeast) throws IOException, InterruptedException {
        return new Rehearsal().play(atLeast);
    }

    private long play(Duration atLeast) throws IOException, InterruptedException {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (SystemTime alarms = new SystemTime()) {
            FastTime time = new FastTime(alarms);
            try (PipecatEngine engine = engine(time, alarms);
                    PipecatWsServer links = PipecatWsServer.create(
                            PipecatWsConfig.on(loopback),
                            engine,
                            engine,
                            exchange -> exchange.respond(404, "", new byte[0]),
                            ConnectionMeter.NONE,
                            ConnectionMeter.NONE);
                    AudioSocketServer legs = AudioSocketServer.create(
                            AudioSocketConfig.listeningOn(List.of(new AudioSocketConfig.Listener(loopback, ""))),
                            engine,
                            ConnectionMeter.NONE,
                            time)) {
                links.start();
                legs.start();
                try {
                    begin(legs.addresses().getFirst(), links.address());
                    return talk(atLeast);
                } finally {
                    end();
                }
            }
        }
    }

    private PipecatEngine engine(TimeSource time, SystemTime alarms) {
        return PipecatEngine.builder()
                .agents(new StaticAgentCatalog(List.of(Agent.of("rehearsal", "echo")), "rehearsal"))
                .publisher(new InMemoryEvents(100, 1, time))
                .launcher(launcher())
                .time(time)
                .alarms(alarms)
                .meter(new SessionCounts())
                .build();
    }

    private void begin(InetSocketAddress legs, InetSocketAddress links) throws IOException, InterruptedException {
        RandomIds ids = new RandomIds();
        for (int i = 0; i < CALLS; i++) {
            SocketChannel caller = SocketChannel.open(legs);
            callers.add(caller);
            PipecatcallId id = new PipecatcallId(ids.nextId());
            write(
                    caller,
                    ByteBuffer.allocate(HEADER_BYTES + ID_BYTES)
                            .put((byte) 1)
                            .putShort((short) ID_BYTES)
                            .putLong(id.value().getMostSignificantBits())
                            .putLong(id.value().getLeastSignificantBits())
                            .flip());
            caller.configureBlocking(false);
            RunnerLaunch launch = launches.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (launch == null) {
                throw new IOException("no pipeline was asked for within " + PATIENCE.toSeconds() + " s");
            }
            runners.add(RehearsalRunner.connect(
                    links, launch.call().id(), launch.token(), VOICES_HZ[i % VOICES_HZ.length]));
        }
    }

    private long talk(Duration atLeast) throws IOException {
        ByteBuffer spoken = ByteBuffer.allocateDirect(HEADER_BYTES + CALLER.samplesPerFrame() * Short.BYTES)
                .put((byte) 0x10)
                .putShort((short) (CALLER.samplesPerFrame() * Short.BYTES));
        long heard = 0;
        long begun = System.nanoTime();
        long end = begun + atLeast.toNanos();
        for (long round = 0; begun + round * ROUND_NANOS - end < 0 && System.nanoTime() - end < 0; round++) {
            for (int i = 0; i < CALLS; i++) {
                write(callers.get(i), spoken.clear());
                RehearsalRunner runner = runners.get(i);
                runner.speak();
                if ((round + i) % ROUNDS_PER_TURN == 0) {
                    runner.interrupt();
                    runner.tellOfATurn();
                }
                runner.listen();
                heard += Math.max(0, callers.get(i).read(received.clear()));
            }
            LockSupport.parkNanos(this, begun + (round + 1) * ROUND_NANOS - System.nanoTime());
        }
        return heard;
    }

    private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (bytes.hasRemaining()) {
            if (to.write(bytes) == 0 && System.nanoTime() - deadline > 0) {
                throw new IOException("the rehearsal's caller is not heard");
            }
        }
    }

    private void end() throws IOException {
        for (SocketChannel caller : callers) {
            caller.close();
        }
        for (RehearsalRunner runner : runners) {
            runner.close();
        }
    }

    private RunnerLauncher launcher() {
        return new RunnerLauncher() {
            @Override
            public void start(RunnerLaunch launch) {
                var body = RunWire.toMap(launch, new RunWire.Addresses("", "", ""));
                JsonMapper.shared().writeValueAsBytes(body);
                launches.add(launch);
            }

            @Override
            public void stop(PipecatcallId id) {}

            @Override
            public Map<String, Object> providers() {
                return Map.of();
            }

            @Override
            public boolean isReady() {
                return true;
            }
        };
    }

    /** A monotonic clock in fast motion. */
    private static final class FastTime implements TimeSource {
        private final TimeSource real;
        private final long begun = System.nanoTime();

        FastTime(TimeSource real) {
            this.real = real;
        }

        @Override
        public Instant now() {
            return real.now();
        }

        @Override
        public long nanoTime() {
            return begun + SPEED * (System.nanoTime() - begun);
        }
    }
}
