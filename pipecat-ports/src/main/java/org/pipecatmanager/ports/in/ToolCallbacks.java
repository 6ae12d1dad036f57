package org.pipecatmanager.ports.in;

import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/**
 * What a runner asks of the daemon during a call, besides media.
 *
 * <p><b>Threads.</b> Any thread that may block (a virtual thread per request).
 *
 * <p><b>Failures.</b> {@link RequestException}: wrong token (401), no such session (404).
 */
public interface ToolCallbacks {
    /** Carries a tool out; a tool that fails or is late is a failed result, not an exception. */
    ToolResult toolCalled(PipecatcallId id, Secret token, ToolCall call);

    /** A team handed over. */
    void memberSwitched(PipecatcallId id, Secret token, String transitionFunctionName, Member from, Member to);
}
