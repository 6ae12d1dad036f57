package org.pipecatmanager.domain.session;

import org.pipecatmanager.ports.model.LinkDirection;

/**
 * Which ways the runner's open sockets carry; one socket both ways counts for both.
 *
 * @param input  daemon to runner
 * @param output runner to daemon
 */
public record OpenLinks(boolean input, boolean output) {
    /** No socket is open. */
    public static final OpenLinks NONE = new OpenLinks(false, false);

    OpenLinks plus(LinkDirection direction) {
        return new OpenLinks(input || direction.carriesInput(), output || direction.carriesOutput());
    }

    OpenLinks minus(LinkDirection direction) {
        return new OpenLinks(input && !direction.carriesInput(), output && !direction.carriesOutput());
    }

    boolean isEmpty() {
        return !input && !output;
    }

    /** Whether bot and caller can hear each other: without a recogniser the output alone is enough. */
    boolean suffice(SessionPlan plan) {
        return output && (input || !plan.needsInput());
    }

    @Override
    public String toString() {
        if (input && output) {
            return "both";
        }
        return input ? "input" : output ? "output" : "none";
    }
}
