package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Gives the answers it was told, in order, and remembers what was asked. One thread at a time. */
final class ScriptedExchange implements RpcTarget.Exchange {
    /** What was asked of which queue, and for how long. */
    record Asked(String queue, RpcCall request, Duration deadline) {}

    private interface Reply {
        RpcAnswer get() throws RpcFailure;
    }

    final List<Asked> asked = new ArrayList<>();
    private final Queue<Reply> script = new ArrayDeque<>();
    private Runnable meanwhile = () -> {};

    ScriptedExchange answer(int status, String dataType, @Nullable Object data) {
        script.add(() -> new RpcAnswer(status, dataType, data));
        return this;
    }

    ScriptedExchange json(Object data) {
        return answer(200, "application/json", data);
    }

    ScriptedExchange fail(RpcFailure.Why why) {
        script.add(() -> {
            throw new RpcFailure(why, "it failed as " + why);
        });
        return this;
    }

    /** Does something while the next request is on its way. */
    void during(Runnable what) {
        meanwhile = what;
    }

    /** The one request there was. */
    Asked only() {
        if (asked.size() != 1) {
            throw new AssertionError("asked " + asked.size() + " times: " + asked);
        }
        return asked.getFirst();
    }

    @Override
    public RpcAnswer exchange(String queue, RpcCall request, Duration deadline) throws RpcFailure {
        asked.add(new Asked(queue, request, deadline));
        var now = meanwhile;
        meanwhile = () -> {};
        now.run();
        var reply = script.poll();
        if (reply == null) {
            throw new AssertionError("nothing is scripted for " + request);
        }
        return reply.get();
    }
}
