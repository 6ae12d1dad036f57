package org.pipecatmanager.domain.engine;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.recording.Recorder;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.CallHistory;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.out.Spans;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.out.ToolExecutor;

/**
 * What sessions ask of the world.
 *
 * @param platform other services, or null where {@code agents.yaml} says everything
 * @param recorder null where nothing is recorded
 */
record EnginePorts(
        PipecatcallStore store,
        CallHistory history,
        EventPublisher publisher,
        RunnerLauncher launcher,
        ToolExecutor tools,
        IdSource ids,
        TimeSource time,
        Alarms alarms,
        SessionMeter meter,
        Spans spans,
        Threads threads,
        @Nullable Platform platform,
        @Nullable Recorder recorder) {}
