package org.pipecatmanager.daemon.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.tape.Entry;
import org.pipecatmanager.daemon.tape.Kind;

/**
 * Holds what a daemon did beside what it did on the tape, strand by strand: what the caller heard, what the runner heard, what it
 * was told, events. Order counts within a strand, moments do not.
 *
 * @param strands     how much each strand has, on the tape and now
 * @param differences each with its moment on the tape, the first of each strand
 */
public record Comparison(Map<Strand, Counts> strands, List<Difference> differences) {
    /** Beyond so many of a strand, one says no more than the next. */
    private static final int SHOWN = 5;

    /** 200 ms of the caller's sound. */
    private static final int MOST_EARLY = 10;

    private static final double NANOS_PER_SECOND = 1e9;

    /** What is compared in one order. */
    public enum Strand {
        /** Frames for the caller, and the end of his leg. */
        CALLER_HEARS,
        /** The caller's sound, as the runner gets it. */
        RUNNER_HEARS,
        /** Launches, commands, playout reports, answers to interruptions. */
        RUNNER_IS_TOLD,
        /** Events of the call, and why it ended. */
        EVENTS;

        /** For people. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /**
     * How much of a strand there is.
     *
     * @param differing of those that both have
     */
    public record Counts(int taped, int now, int differing) {}

    /**
     * One difference.
     *
     * @param nanos on the tape
     */
    public record Difference(long nanos, Strand strand, String what) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%+10.3f s  %s: %s", nanos / NANOS_PER_SECOND, strand.label(), what);
        }
    }

    public Comparison {
        strands = new LinkedHashMap<>(strands);
        differences = List.copyOf(differences);
    }

    /** Compares two tapes of a call. */
    public static Comparison of(List<Entry> taped, List<Entry> now) {
        Map<Strand, Counts> strands = new LinkedHashMap<>();
        List<Difference> differences = new ArrayList<>();
        for (Strand strand : Strand.values()) {
            List<Entry> before = of(strand, taped);
            List<Entry> after = of(strand, now);
            int early = strand == Strand.RUNNER_HEARS ? early(before.size(), after.size()) : 0;
            Counts counts = compare(
                    strand,
                    before.subList(Math.max(0, -early), before.size()),
                    after.subList(Math.max(0, early), after.size()),
                    differences);
            strands.put(strand, new Counts(before.size(), after.size(), counts.differing()));
        }
        return new Comparison(strands, differences);
    }

    /** Whether everything is the same. */
    public boolean isSame() {
        return differences.isEmpty();
    }

    /**
     * The caller's sound goes to the runner from the moment on in which the session learns that both are there, some milliseconds
     * after they are. A replay's session learns it at once, and so hears some frames more.
     */
    private static int early(int taped, int now) {
        return Math.abs(now - taped) <= MOST_EARLY ? now - taped : 0;
    }

    private static List<Entry> of(Strand strand, List<Entry> tape) {
        return tape.stream().filter(entry -> strandOf(entry.kind()) == strand).toList();
    }

    private static @Nullable Strand strandOf(Kind kind) {
        return switch (kind) {
            case FRAME, LEG_END -> Strand.CALLER_HEARS;
            case RUNNER_AUDIO -> Strand.RUNNER_HEARS;
            case LAUNCH, COMMAND, PLAYOUT, FLUSHED, LINK_CLOSE -> Strand.RUNNER_IS_TOLD;
            case EVENT -> Strand.EVENTS;
            default -> null;
        };
    }

    private static Counts compare(Strand strand, List<Entry> taped, List<Entry> now, List<Difference> differences) {
        int differing = 0;
        for (int i = 0; i < Math.min(taped.size(), now.size()); i++) {
            String what = difference(taped.get(i), now.get(i));
            if (!what.isEmpty() && ++differing <= SHOWN) {
                differences.add(new Difference(taped.get(i).nanos(), strand, "number " + (i + 1) + ", " + what));
            }
        }
        if (taped.size() != now.size()) {
            List<Entry> longer = taped.size() > now.size() ? taped : now;
            int from = Math.min(taped.size(), now.size());
            differences.add(new Difference(
                    longer.get(from).nanos(),
                    strand,
                    Math.abs(taped.size() - now.size())
                            + (taped.size() > now.size() ? " are missing, from " : " are too many, from ")
                            + described(longer.get(from))));
        }
        return new Counts(taped.size(), now.size(), differing);
    }

    /** In what they differ; empty when they do not. */
    private static String difference(Entry taped, Entry played) {
        Entry now = Digests.isDigested(taped) ? Digests.of(played) : played;
        if (taped.kind() != now.kind()) {
            return described(now) + " instead of " + described(taped);
        }
        if (taped.kind() == Kind.EVENT) {
            return said(taped).equals(said(now)) ? "" : said(now) + " instead of " + said(taped);
        }
        if (taped.kind() == Kind.LAUNCH) {
            return taped.object("audio").toString().equals(now.object("audio").toString()) ? "" : "another audio plan";
        }
        String before = told(taped);
        String after = told(now);
        if (!before.equals(after)) {
            return now.kind().wireName() + " " + after + " instead of " + before;
        }
        return sound(taped.pcm(), now.pcm());
    }

    /** What it says, but for how much was queued just then: the link's thread may have been adding at that moment. */
    private static String told(Entry entry) {
        TreeMap<String, Object> data = new TreeMap<>(entry.data());
        data.remove("queued_ms");
        return data.toString();
    }

    /** Of an event what does not depend on clocks and ids. */
    private static String said(Entry event) {
        Map<String, Object> data = event.object("data");
        StringBuilder said = new StringBuilder(event.text("type"));
        for (String key :
                List.of("end_reason", "heard_ms", "dropped_ms", "key", "succeeded", "fatal", "message_text")) {
            if (data.containsKey(key)) {
                said.append(' ').append(key).append('=').append(data.get(key));
            }
        }
        return said.toString();
    }

    private static String sound(byte[] taped, byte[] now) {
        if (taped.length != now.length) {
            return now.length / Short.BYTES + " samples instead of " + taped.length / Short.BYTES;
        }
        ShortBuffer before = samples(taped);
        ShortBuffer after = samples(now);
        int first = before.mismatch(after);
        if (first < 0) {
            return "";
        }
        int most = 0;
        for (int i = first; i < before.limit(); i++) {
            most = Math.max(most, Math.abs(before.get(i) - after.get(i)));
        }
        return "sound differs from sample " + first + " on, by " + most + " of 32767 at most";
    }

    private static ShortBuffer samples(byte[] pcm) {
        return ByteBuffer.wrap(pcm).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    }

    private static String described(Entry entry) {
        return entry.kind() == Kind.EVENT ? said(entry) : entry.kind().wireName();
    }
}
