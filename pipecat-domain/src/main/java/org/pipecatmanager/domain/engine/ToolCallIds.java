package org.pipecatmanager.domain.engine;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes the ids of one session's tool calls unique: some runners send one constant for every call of a tool, and whoever
 * carries tools out takes the id for a key against repetition.
 *
 * <p>An id that is new is kept as it is. One that is empty, repeated or too long gets the number of the call behind it; so
 * does every one when there have been so many that they are no longer remembered. Numbers never repeat, hence neither do ids.
 *
 * <p><b>Threads.</b> Safe for all.
 */
final class ToolCallIds {
    /** Ids remembered: more tool calls than a conversation of two hours has. */
    static final int MAX_REMEMBERED = 1024;
    /** Characters of an id; model vendors' have about 40. */
    static final int MAX_LENGTH = 200;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@code lock}, as is the number. */
    private final Set<String> given = new HashSet<>();

    private long number;

    /**
     * The id of a call in this session.
     *
     * @param asked what the runner calls it
     * @param tool  stands in for an id that is empty
     */
    String of(String asked, String tool) {
        lock.lock();
        try {
            number++;
            boolean usable = !asked.isEmpty() && asked.length() <= MAX_LENGTH;
            if (usable && given.size() < MAX_REMEMBERED && given.add(asked)) {
                return asked;
            }
            String base = shortened(asked.isEmpty() ? tool : asked);
            String id = base + "-" + number;
            while (given.contains(id)) {
                number++;
                id = base + "-" + number;
            }
            if (given.size() < MAX_REMEMBERED) {
                given.add(id);
            }
            return id;
        } finally {
            lock.unlock();
        }
    }

    private static String shortened(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH);
    }
}
