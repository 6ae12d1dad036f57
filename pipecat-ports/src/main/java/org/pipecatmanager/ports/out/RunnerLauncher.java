package org.pipecatmanager.ports.out;

import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;

/**
 * Starts and stops pipelines in the runner.
 *
 * <p><b>Threads.</b> Any thread that may block; bounded by the implementation's deadlines.
 *
 * <p>Passes {@code RunnerLauncherContract}.
 */
public interface RunnerLauncher {
    /**
     * Asks the runner to build the pipeline and connect back; returns when it says it has.
     *
     * @throws RunnerException refused or not reachable
     */
    void start(RunnerLaunch launch);

    /**
     * Ends a pipeline; one that is not there is fine.
     *
     * @throws RunnerException not reachable
     */
    void stop(PipecatcallId id);

    /** Whether a start would find a runner that answers; may block briefly. */
    boolean isReady();
}
