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
 */
public record RunnerLaunch(
        Pipecatcall call,
        @Nullable Agent agent,
        Secret token,
        Assistance assistance,
        List<ToolDefinition> tools,
        AudioPlan audio,
        TraceContext trace) {
    public RunnerLaunch {
        tools = List.copyOf(tools);
    }
}
