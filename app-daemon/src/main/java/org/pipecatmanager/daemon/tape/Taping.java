package org.pipecatmanager.daemon.tape;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * What stands between the engine and the world where calls are taped; switched off, nothing does: each method hands back what it is
 * given.
 */
public final class Taping implements AutoCloseable {
    private final @Nullable Tapes tapes;
    private final boolean prompts;

    private Taping(@Nullable Tapes tapes, boolean prompts) {
        this.tapes = tapes;
        this.prompts = prompts;
    }

    /** No call is taped. */
    public static Taping off() {
        return new Taping(null, false);
    }

    /**
     * Every call is taped.
     *
     * @param version of the daemon
     * @param prompts whether what the model was told by its owner is on the tape
     */
    public static Taping into(Path folder, String version, boolean prompts, TimeSource time) {
        return new Taping(new FileTapes(folder, Map.of("version", version), time), prompts);
    }

    /** One call is taped, for whoever takes it. */
    public static Taping onto(MemoryTape tape) {
        return new Taping(tape, true);
    }

    /** Callers. */
    public LegGate legs(LegGate legs) {
        return tapes == null ? legs : new TapedLegs(legs, tapes);
    }

    /** The runner's sockets. */
    public RunnerGate runners(RunnerGate runners) {
        return tapes == null ? runners : new TapedRunners(runners, tapes, prompts);
    }

    /** Starts and stops of pipelines. */
    public RunnerLauncher launcher(RunnerLauncher launcher) {
        return tapes == null ? launcher : new TapedLauncher(launcher, tapes, prompts);
    }

    /** What calls tell. */
    public EventPublisher events(EventPublisher events) {
        return tapes == null ? events : new TapedEvents(events, tapes);
    }

    /** What is asked of calls. */
    public PipecatcallControl control(PipecatcallControl control) {
        return tapes == null ? control : new TapedControl(control, tapes);
    }

    /** What the runner asks for. */
    public ToolCallbacks callbacks(ToolCallbacks callbacks) {
        return tapes == null ? callbacks : new TapedCallbacks(callbacks, tapes);
    }

    /** Writes what there is. */
    @Override
    public void close() {
        if (tapes != null) {
            tapes.close();
        }
    }
}
