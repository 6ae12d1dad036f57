package org.pipecatmanager.daemon.tape;

import java.util.Map;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;

/** Starts of pipelines, taped. */
record TapedLauncher(RunnerLauncher launcher, Tapes tapes, boolean prompts) implements RunnerLauncher {
    @Override
    public void start(RunnerLaunch launch) {
        Tape tape = tapes.begun(launch.call().id());
        tape.add(Kind.LAUNCH, TapeValues.launch(launch, prompts));
        try {
            launcher.start(launch);
            tape.add(Kind.LAUNCHED, Map.of("failure", ""));
        } catch (RunnerException e) {
            tape.add(Kind.LAUNCHED, Map.of("failure", e.kind().name(), "message", String.valueOf(e.getMessage())));
            throw e;
        }
    }

    @Override
    public void stop(PipecatcallId id) {
        launcher.stop(id);
    }

    @Override
    public Map<String, Object> providers() {
        return launcher.providers();
    }

    @Override
    public boolean isReady() {
        return launcher.isReady();
    }
}
