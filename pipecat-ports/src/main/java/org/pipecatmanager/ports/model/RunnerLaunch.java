package org.pipecatmanager.ports.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a runner needs to start the pipeline of a call. Addresses are added by the adapter that owns them.
 *
 * @param agent null on a platform
 * @param token what the runner must present on its socket and its callbacks
 * @param assistance what the platform's lookups add; {@link Assistance#NONE} with an agent
 * @param trace what a runner that writes traces continues
 * @param resume what to go on from, where a pipeline of this call was lost; null for its first one
 */
public record RunnerLaunch(
        Pipecatcall call,
        @Nullable Agent agent,
        Secret token,
        Assistance assistance,
        List<ToolDefinition> tools,
        AudioPlan audio,
        TraceContext trace,
        @Nullable Resume resume) {
    public RunnerLaunch {
        tools = List.copyOf(tools);
    }

    /** The launch of a call's first pipeline. */
    public RunnerLaunch(
            Pipecatcall call,
            @Nullable Agent agent,
            Secret token,
            Assistance assistance,
            List<ToolDefinition> tools,
            AudioPlan audio,
            TraceContext trace) {
        this(call, agent, token, assistance, tools, audio, trace, null);
    }
}
