package org.pipecatmanager.domain.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.pipecatmanager.ports.out.PipecatManagerException;

/** Waits for what a session's mailbox answers. */
final class Answers {
    private Answers() {}

    /** The answer, or what the ports throw in its place. Blocks while the mailbox is busy: on the store at most. */
    static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof PipecatManagerException expected) {
                throw expected;
            }
            throw e;
        }
    }
}
