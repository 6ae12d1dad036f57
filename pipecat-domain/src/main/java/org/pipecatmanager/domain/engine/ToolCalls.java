package org.pipecatmanager.domain.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/** What runners ask during calls, carried out on the asking thread. */
final class ToolCalls implements ToolCallbacks {
    private final Sessions sessions;
    private final EnginePorts ports;

    ToolCalls(Sessions sessions, EnginePorts ports) {
        this.sessions = sessions;
        this.ports = ports;
    }

    @Override
    public ToolResult toolCalled(PipecatcallId id, Secret token, ToolCall call) {
        Session session = authenticated(id, token);
        ToolDefinition tool = find(session, call.name());
        if (tool == null) {
            return ToolResult.failure(call.id(), "there is no tool named '" + call.name() + "'");
        }
        ToolCall ours = new ToolCall(
                session.toolCallIds().of(call.id(), call.name()), call.name(), call.argumentsJson(), call.arguments());
        long since = ports.time().nanoTime();
        session.converse(talk -> talk.toolStarted(ours.id(), ours.name(), since));
        ToolResult result = execute(session, tool, ours);
        long until = ports.time().nanoTime();
        ports.meter().toolCalled(result.succeeded(), Duration.ofNanos(until - since));
        session.converse(talk -> talk.toolFinished(ours.id(), result.succeeded(), until));
        return result.answering(call.id());
    }

    @Override
    public void memberSwitched(PipecatcallId id, Secret token, String transitionFunctionName, Member from, Member to) {
        authenticated(id, token).converse(talk -> talk.memberSwitched(transitionFunctionName, from, to));
    }

    private ToolResult execute(Session session, ToolDefinition tool, ToolCall call) {
        try {
            return session.trace()
                    .tool(call.id(), call.name())
                    .call(() -> ports.tools().execute(session.call(), tool, call));
        } catch (RuntimeException e) {
            Defects.report(session.id(), "tool '" + tool.name() + "'", e);
            return ToolResult.failure(call.id(), "the tool could not be carried out");
        }
    }

    /** Built-in tools are the runner's own. */
    private static @Nullable ToolDefinition find(Session session, String name) {
        for (ToolDefinition tool : session.tools()) {
            if (tool.name().equals(name) && !tool.builtin()) {
                return tool;
            }
        }
        return null;
    }

    private Session authenticated(PipecatcallId id, Secret token) {
        Session session = sessions.find(id);
        if (session == null || session.isClosing()) {
            throw RequestException.notFound();
        }
        if (!session.runner().token().matches(token.reveal())) {
            throw new RequestException(
                    RequestException.Status.UNAUTHENTICATED,
                    "TOKEN_WRONG",
                    "the token is not that of the pipeline of call " + id
                            + "; use link.token of its last /run request");
        }
        return session;
    }
}
