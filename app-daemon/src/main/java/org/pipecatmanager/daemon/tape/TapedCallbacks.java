package org.pipecatmanager.daemon.tape;

import java.util.Map;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/** Tool calls, taped: that they were made and how they went, not what was asked and answered. */
record TapedCallbacks(ToolCallbacks callbacks, Tapes tapes) implements ToolCallbacks {
    @Override
    public ToolResult toolCalled(PipecatcallId id, Secret token, ToolCall call) {
        Tape tape = tapes.find(id);
        if (tape == null) {
            return callbacks.toolCalled(id, token, call);
        }
        tape.add(Kind.TOOL_CALL, Map.of("id", call.id(), "name", call.name()));
        boolean succeeded = false;
        try {
            ToolResult result = callbacks.toolCalled(id, token, call);
            succeeded = result.succeeded();
            return result;
        } finally {
            tape.add(Kind.TOOL_RESULT, Map.of("id", call.id(), "succeeded", succeeded));
        }
    }

    /**
     * Hands on; a handover is on the tape as its event.
     *
     * @throws RequestException as of the one behind
     */
    @Override
    public void memberSwitched(PipecatcallId id, Secret token, String transitionFunctionName, Member from, Member to) {
        callbacks.memberSwitched(id, token, transitionFunctionName, from, to);
    }
}
