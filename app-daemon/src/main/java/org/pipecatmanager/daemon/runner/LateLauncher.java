package org.pipecatmanager.daemon.runner;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;

/**
 * A launcher that is given later: the engine needs one before the port is bound that runners are told to come back to.
 *
 * <p>Until then every start is refused as unreachable. Safe for all threads.
 */
public final class LateLauncher implements RunnerLauncher {
    private final AtomicReference<@Nullable RunnerLauncher> launcher = new AtomicReference<>();

    /** Passes everything on to {@code value} from now on. */
    public void use(RunnerLauncher value) {
        launcher.set(value);
    }

    @Override
    public void start(RunnerLaunch launch) {
        launcher().start(launch);
    }

    @Override
    public void stop(PipecatcallId id) {
        launcher().stop(id);
    }

    @Override
    public boolean isReady() {
        RunnerLauncher now = launcher.get();
        return now != null && now.isReady();
    }

    private RunnerLauncher launcher() {
        RunnerLauncher now = launcher.get();
        if (now == null) {
            throw new RunnerException(
                    RunnerException.Kind.UNREACHABLE, "the daemon is still starting; try again", null);
        }
        return now;
    }
}
