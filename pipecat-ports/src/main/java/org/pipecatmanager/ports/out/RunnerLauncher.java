package org.pipecatmanager.ports.out;

import java.util.Map;
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

    /**
     * What pipelines can be built of, as the runner lists it: {@code llm}, {@code stt} and {@code tts}, each a list of mappings
     * with {@code name}, {@code installed}, {@code configured} and so on (docs/providers.md). Holds no keys.
     *
     * @throws RunnerException not reachable, or it has no such list
     */
    Map<String, Object> providers();

    /** Whether a start would find a runner that answers; may block briefly. */
    boolean isReady();
}
