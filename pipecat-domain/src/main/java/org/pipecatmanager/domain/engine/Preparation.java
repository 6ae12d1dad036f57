package org.pipecatmanager.domain.engine;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.ManagerException;

/**
 * Finds out what a call needs, where only other services know it. The record is written and the caller answered by then.
 *
 * <p><b>Threads.</b> A virtual thread per call, which may block. A session waits 10 s for it and can end meanwhile; an answer
 * that comes later is thrown away, so nothing may be begun here that somebody has to end.
 */
@FunctionalInterface
public interface Preparation {
    /**
     * What the call needs.
     *
     * @param call its record, as it was accepted
     * @throws ManagerException the call cannot be served; the message goes into its error event
     */
    Prepared prepare(Pipecatcall call) throws ManagerException;

    /**
     * Everything a call needs.
     *
     * @param plan        legs, sockets and deadlines of its session
     * @param agent       who answers, where {@code agents.yaml} describes it; null on a platform
     * @param assistance  what the runner is told besides
     * @param tools       which of them the model may call
     * @param audio       rates and window
     * @param mediaCallId the call whose media Asterisk has to be asked to connect to us, or null for none
     */
    record Prepared(
            SessionPlan plan,
            @Nullable Agent agent,
            Assistance assistance,
            List<ToolDefinition> tools,
            AudioPlan audio,
            @Nullable UUID mediaCallId) {
        public Prepared {
            tools = List.copyOf(tools);
        }

        /** What an agent of {@code agents.yaml} needs. */
        static Prepared of(Agent agent, SessionPlan plan) {
            return new Prepared(plan, agent, Assistance.NONE, agent.tools(), agent.audio(), null);
        }
    }
}
