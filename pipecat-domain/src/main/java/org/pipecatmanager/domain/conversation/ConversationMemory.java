package org.pipecatmanager.domain.conversation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Resume;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;

/**
 * What a pipeline that takes the place of a lost one has to know: the conversation as the runner last told it, and what was
 * said since.
 *
 * <p>A runner that tells nothing leaves the start's messages and all that was said, by the caller and, as far as it was heard,
 * by the bot. What is told and what was said come on different ways, in either order: what was said before a told message of the
 * same speaker is part of it, and so is what is said afterwards in its words, once.
 *
 * <p><b>Bounds.</b> {@value #MAX_MESSAGES} messages, {@value #MAX_BYTES} bytes of JSON. The oldest are forgotten first, but not
 * the instructions the conversation begins with; a tool's result goes with its call.
 *
 * <p><b>Threads.</b> Owned by one thread at a time.
 */
public final class ConversationMemory {
    /** Messages kept: more than a conversation of two hours has. */
    static final int MAX_MESSAGES = 400;
    /** Bytes of JSON kept: a runner's message may have 1 MiB, and {@code /run} holds more than this. */
    static final int MAX_BYTES = 512 * 1024;

    private static final Set<String> INSTRUCTIONS = Set.of("system", "developer");
    private static final String ROLE = "role";
    private static final String CONTENT = "content";

    /** In order: the told ones by their numbers, then what was said since. */
    private final List<Entry> entries = new ArrayList<>();

    private String member = "";
    private long bytes;

    /**
     * A message.
     *
     * @param number in the runner's count, or {@link #SAID}
     * @param ahead  of the text of a told message what has not been heard of as said yet
     */
    private record Entry(long number, Map<String, Object> message, long bytes, String ahead) {
        /** Behind every number. */
        static final long SAID = Long.MAX_VALUE;

        static Entry told(long number, Map<String, Object> message) {
            return new Entry(number, message, jsonBytes(message), plain(message.get(CONTENT)));
        }

        /** The same, of which these words are known to have been said; null when they are not in it. */
        @Nullable
        Entry without(String words) {
            int at = words.isEmpty() ? -1 : ahead.indexOf(words);
            return at < 0 ? null : new Entry(number, message, bytes, ahead.substring(at + words.length()));
        }

        /** What of it is known to have been said. */
        String behind() {
            String whole = plain(message.get(CONTENT));
            return whole.substring(0, whole.length() - ahead.length()).strip();
        }

        /** Letters and digits: recognisers and voices differ about the rest. */
        private static String plain(@Nullable Object content) {
            return content instanceof String text
                    ? text.toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\p{L}\\p{N}]+", " ")
                            .strip()
                    : "";
        }

        String role() {
            return String.valueOf(message.get(ROLE));
        }

        /** The words as they are compared. */
        String words() {
            return plain(message.get(CONTENT));
        }

        boolean isSaid() {
            return number == SAID;
        }
    }

    /** One that begins with what the start brought along. */
    public ConversationMemory(List<Map<String, Object>> startMessages) {
        told(0, startMessages, "");
        // Nobody will say again what was said in an earlier call.
        entries.forEach(entry -> strike(entries, entry.role(), entry.words()));
    }

    /**
     * The runner told the conversation from one of its messages on.
     *
     * @param from      number of the first of them
     * @param newMember of the team, who has the call, or empty
     */
    public void told(int from, List<Map<String, Object>> messages, String newMember) {
        Set<String> roles = new HashSet<>();
        List<Entry> added = new ArrayList<>();
        for (Map<String, Object> message : messages) {
            Entry entry = Entry.told((long) from + added.size(), message);
            added.add(entry);
            roles.add(entry.role());
        }
        Predicate<Entry> replaced = entry -> entry.isSaid() ? roles.contains(entry.role()) : entry.number() >= from;
        for (Entry before : entries) {
            if (replaced.test(before)) {
                strike(added, before.role(), before.isSaid() ? before.words() : before.behind());
            }
        }
        remove(replaced);
        int at = 0;
        while (at < entries.size() && !entries.get(at).isSaid()) {
            at++;
        }
        entries.addAll(at, added);
        bytes += added.stream().mapToLong(Entry::bytes).sum();
        member = newMember;
        bound();
    }

    /** Notes that words of a role were said in the first of these that has them; answers whether one had. */
    private static boolean strike(List<Entry> among, String role, String words) {
        for (int i = 0; i < among.size(); i++) {
            Entry entry = among.get(i);
            if (!entry.isSaid() && entry.role().equals(role)) {
                Entry struck = entry.without(words);
                if (struck != null) {
                    among.set(i, struck);
                    return true;
                }
            }
        }
        return false;
    }

    /** Something was said. */
    public void said(Speaker speaker, String text) {
        String role = speaker == Speaker.BOT ? "assistant" : "user";
        if (strike(entries, role, Entry.plain(text))) {
            return;
        }
        Entry last = entries.isEmpty() ? null : entries.getLast();
        String whole = text;
        if (last != null && last.isSaid() && last.role().equals(role)) {
            whole = last.message().get(CONTENT) + " " + text;
            bytes -= last.bytes();
            entries.removeLast();
        }
        // In this order in every run: what the next model reads should not differ by chance.
        Map<String, Object> message = new LinkedHashMap<>();
        message.put(ROLE, role);
        message.put(CONTENT, whole);
        Entry entry = new Entry(Entry.SAID, message, jsonBytes(message), "");
        entries.add(entry);
        bytes += entry.bytes();
        bound();
    }

    /** What the pipeline of that try goes on from. */
    public Resume resume(int attempt) {
        return new Resume(attempt, entries.stream().map(Entry::message).toList(), member);
    }

    private void bound() {
        while (entries.size() > MAX_MESSAGES || bytes > MAX_BYTES) {
            int oldest = 0;
            while (oldest < entries.size()
                    && INSTRUCTIONS.contains(entries.get(oldest).role())) {
                oldest++;
            }
            forget(oldest == entries.size() ? 0 : oldest);
        }
    }

    private void forget(int index) {
        Entry gone = entries.remove(index);
        bytes -= gone.bytes();
        Set<String> calls = callsOf(gone);
        remove(other -> other.role().equals("tool")
                && calls.contains(String.valueOf(other.message().get("tool_call_id"))));
    }

    private static Set<String> callsOf(Entry entry) {
        Set<String> ids = new HashSet<>();
        if (entry.message().get("tool_calls") instanceof Collection<?> calls) {
            for (Object call : calls) {
                if (call instanceof Map<?, ?> map) {
                    ids.add(String.valueOf(map.get("id")));
                }
            }
        }
        return ids;
    }

    private void remove(Predicate<Entry> unwanted) {
        entries.removeIf(entry -> {
            boolean gone = unwanted.test(entry);
            if (gone) {
                bytes -= entry.bytes();
            }
            return gone;
        });
    }

    /** About what the value takes as JSON in UTF-8, escapes left out. */
    private static long jsonBytes(@Nullable Object value) {
        return switch (value) {
            case String text ->
                3 + text.codePoints().mapToLong(ConversationMemory::utf8Bytes).sum();
            case Map<?, ?> map ->
                2
                        + map.entrySet().stream()
                                .mapToLong(entry -> 1 + jsonBytes(entry.getKey()) + jsonBytes(entry.getValue()))
                                .sum();
            case Collection<?> list ->
                2 + list.stream().mapToLong(ConversationMemory::jsonBytes).sum();
            case null, default -> String.valueOf(value).length() + 1L;
        };
    }

    private static long utf8Bytes(int character) {
        return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    }
}
