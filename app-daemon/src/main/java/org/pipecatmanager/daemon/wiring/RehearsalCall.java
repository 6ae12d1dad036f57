package org.pipecatmanager.daemon.wiring;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pipecatmanager.adapter.pipecatws.RehearsalLink;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.wire.RunWire;
import tools.jackson.databind.json.JsonMapper;

/**
 * One call in memory, through an engine, a bridge and a link of its own: what it loads, the loop of the first caller does
 * not wait for. Counts, records and events of it are thrown away.
 */
final class RehearsalCall {
    /** A second of sound, interrupted in the middle. */
    private static final int FRAMES = 50;

    private static final AudioFormat CALLER = AudioFormat.SLIN_8K;
    private static final long FRAME_NANOS =
            Duration.ofMillis(AudioFormat.FRAME_MILLIS).toNanos();
    /** For what takes milliseconds, also on a machine that is busy starting. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private RehearsalCall() {}

    /**
     * Plays it; blocks for some hundred milliseconds in a cold virtual machine.
     *
     * @return frames in which the caller heard the bot
     * @throws TimeoutException     no pipeline was asked for in time
     * @throws ExecutionException   what a runner is asked could not be written
     */
    static int run() throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<RunnerLaunch> launched = new CompletableFuture<>();
        PipecatcallId id = new PipecatcallId(new RandomIds().nextId());
        try (SystemTime time = new SystemTime();
                PipecatEngine engine = PipecatEngine.builder()
                        .agents(new StaticAgentCatalog(List.of(Agent.of("rehearsal", "echo")), "rehearsal"))
                        .publisher(new InMemoryEvents(100, 1, time))
                        .launcher(launcher(launched))
                        .time(time)
                        .alarms(time)
                        .meter(new SessionCounts())
                        .build()) {
            LegMedia leg = leg(engine, id);
            RunnerLaunch launch = launched.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            RehearsalLink link = new RehearsalLink(listener(engine, launch));
            link.open();
            Ear ear = new Ear();
            ByteBuffer spoken = ByteBuffer.allocateDirect(CALLER.samplesPerFrame() * Short.BYTES);
            long now = time.nanoTime();
            for (int i = 0; i < FRAMES; i++) {
                leg.callerAudio(spoken.clear(), CALLER);
                link.speak();
                if (i == FRAMES / 2) {
                    link.interrupt();
                }
                long _ = leg.tick(now + i * FRAME_NANOS, ear);
            }
            leg.closed(LegEnd.HUNG_UP);
            return ear.heard;
        }
    }

    private static LegMedia leg(PipecatEngine engine, PipecatcallId id) {
        var origin = new LegGate.Origin(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "");
        if (engine.admit(id, origin) instanceof LegGate.LegAdmission.Admitted admitted) {
            return admitted.media();
        }
        throw new IllegalStateException("the engine refuses the leg of the rehearsal");
    }

    private static RunnerGate.Listener listener(PipecatEngine engine, RunnerLaunch launch) {
        if (engine.admit(launch.call().id(), LinkDirection.BOTH, launch.token())
                instanceof RunnerGate.LinkAdmission.Admitted admitted) {
            return admitted.listener();
        }
        throw new IllegalStateException("the engine refuses the link of the rehearsal");
    }

    private static RunnerLauncher launcher(CompletableFuture<RunnerLaunch> launched) {
        return new RunnerLauncher() {
            @Override
            public void start(RunnerLaunch launch) {
                var body = RunWire.toMap(launch, new RunWire.Addresses("", "", ""));
                JsonMapper.shared().writeValueAsBytes(body);
                launched.complete(launch);
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

    /** The caller's ear. */
    private static final class Ear implements LegMedia.FrameSink {
        private int heard;

        @Override
        public AudioFormat format() {
            return CALLER;
        }

        @Override
        public void audio(short[] samples, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                if (samples[i] != 0) {
                    heard++;
                    return;
                }
            }
        }

        @Override
        public void end() {}
    }
}
