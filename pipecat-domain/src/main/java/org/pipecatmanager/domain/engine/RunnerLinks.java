package org.pipecatmanager.domain.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * The sockets of one pipeline: at most one that carries each way, let in by the pipeline's own token.
 *
 * <p><b>Threads.</b> Safe for all; nothing blocks.
 */
final class RunnerLinks {
    private static final int INPUT = 1;
    private static final int OUTPUT = 2;

    /** Bits of the ways that are taken, from admission until the socket is gone. */
    private final AtomicInteger taken = new AtomicInteger();

    private final CopyOnWriteArrayList<RunnerLink> open = new CopyOnWriteArrayList<>();
    private final Secret token;
    private volatile boolean givenUp;

    RunnerLinks(Secret token) {
        this.token = token;
    }

    /** What this pipeline presents on its sockets and its callbacks. */
    Secret token() {
        return token;
    }

    /** Nothing of this pipeline counts any more. */
    void giveUp() {
        givenUp = true;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Takes the place; false when one of its ways is taken. */
    boolean claim(LinkDirection direction) {
        int wanted = bits(direction);
        int before = taken.getAndUpdate(now -> (now & wanted) == 0 ? now | wanted : now);
        return (before & wanted) == 0;
    }

    /** Gives the place back. */
    void free(LinkDirection direction) {
        taken.updateAndGet(now -> now & ~bits(direction));
    }

    void opened(RunnerLink link) {
        open.add(link);
    }

    void closed(RunnerLink link) {
        open.remove(link);
    }

    /** The socket that commands go to, if there is one. */
    @Nullable
    RunnerLink input() {
        for (RunnerLink link : open) {
            if (link.direction().carriesInput()) {
                return link;
            }
        }
        return null;
    }

    void closeAll() {
        List<RunnerLink> all = new ArrayList<>(open);
        all.forEach(RunnerLink::close);
    }

    private static int bits(LinkDirection direction) {
        return (direction.carriesInput() ? INPUT : 0) | (direction.carriesOutput() ? OUTPUT : 0);
    }
}
