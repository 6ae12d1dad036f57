package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;

/** A runner that starts nothing: records the requests and answers as told. */
public final class FakeRunnerLauncher implements RunnerLauncher {
    private final Recorded<RunnerLaunch> launches = new Recorded<>();
    private final Recorded<PipecatcallId> stops = new Recorded<>();
    private volatile Consumer<RunnerLaunch> onStart = launch -> {};
    private volatile @Nullable RunnerException failure;

    @Override
    public void start(RunnerLaunch launch) {
        launches.add(launch);
        throwFailure();
        onStart.accept(launch);
    }

    @Override
    public void stop(PipecatcallId id) {
        stops.add(id);
        var failing = failure;
        if (failing != null && failing.kind() == RunnerException.Kind.UNREACHABLE) {
            throw failing;
        }
    }

    /** One of each kind. */
    @Override
    public Map<String, Object> providers() {
        throwFailure();
        return Map.of(
                "llm",
                List.of(Map.of(
                        "name",
                        "openai",
                        "installed",
                        true,
                        "configured",
                        false,
                        "missing",
                        List.of("OPENAI_API_KEY"))),
                "stt",
                List.of(Map.of("name", "whisper", "installed", true, "configured", true)),
                "tts",
                List.of(Map.of("name", "piper", "installed", false, "configured", true, "extra", "offline")));
    }

    @Override
    public boolean isReady() {
        var failing = failure;
        return failing == null || failing.kind() != RunnerException.Kind.UNREACHABLE;
    }

    /** Runs {@code action} within every start that is not failed, on the starting thread; it may block or throw. */
    public void onStart(Consumer<RunnerLaunch> action) {
        onStart = Objects.requireNonNull(action, "action is null");
    }

    /** Every start is answered with an error from now on; stops work. */
    public void refuse(String message) {
        failure = new RunnerException(RunnerException.Kind.REFUSED, message, null);
    }

    /** Every start is answered that it cannot be taken now; stops work. */
    public void fillUp(String message) {
        failure = new RunnerException(RunnerException.Kind.BUSY, message, null);
    }

    /** Nothing answers from now on. */
    public void disappear() {
        failure = new RunnerException(RunnerException.Kind.UNREACHABLE, "the fake runner is not there", null);
    }

    /** Starts work again. */
    public void recover() {
        failure = null;
    }

    /** All starts asked for, also the failed ones. */
    public List<RunnerLaunch> launches() {
        return launches.all();
    }

    /** All stops asked for. */
    public List<PipecatcallId> stops() {
        return stops.all();
    }

    /** The latest launch of a call, waited for. */
    public RunnerLaunch awaitLaunch(PipecatcallId id) {
        var first = launches.await(launch -> launch.call().id().equals(id), "a launch of " + id);
        return launches.all().stream()
                .filter(launch -> launch.call().id().equals(id))
                .reduce(first, (earlier, later) -> later);
    }

    /** Waits until a call's stop was asked for. */
    public void awaitStop(PipecatcallId id) {
        stops.await(id::equals, "a stop of " + id);
    }

    private void throwFailure() {
        var failing = failure;
        if (failing != null) {
            throw failing;
        }
    }
}
