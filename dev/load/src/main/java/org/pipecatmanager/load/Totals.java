package org.pipecatmanager.load;

import java.util.List;

/** The figures of all calls of a step together. */
final class Totals {
    private static final int ROOM = 1 << 16;

    /** Which frames count. */
    enum Part {
        ALL,
        BEFORE_SPLIT,
        AFTER_SPLIT
    }

    final Samples up = new Samples(ROOM);
    final Samples down = new Samples(ROOM);
    /** From the runner's write, whatever waited in between. */
    final Samples written = new Samples(ROOM);

    final Samples spacing = new Samples(ROOM);
    /** From the runner's first write until the caller hears something. */
    final Samples first = new Samples(ROOM);

    long lost;
    long repeated;
    long reordered;
    long unknown;
    /** To the caller: what came twice, or with a level nobody sent, is what the daemon bridges a gap with. */
    long madeUp;

    long silent;
    int anchored;

    /**
     * Adds up.
     *
     * @param paced whether frames are due on a grid; otherwise when they are sent
     */
    Totals(List<Call> calls, boolean paced, Part part) {
        for (Call call : calls) {
            Track upward = call.up();
            Track downward = call.down();
            lost += upward.lost() + downward.lost();
            reordered += upward.reordered() + downward.reordered();
            repeated += upward.repeated();
            unknown += upward.unknown();
            madeUp += downward.repeated() + downward.unknown();
            silent += downward.silent();
            first.add(downward.firstAfterNanos());
            up.addAll(
                    upward.latency(),
                    from(part, upward.latencySplit()),
                    to(part, upward.latencySplit(), upward.latency().size()));
            int latencies = downward.latency().size();
            int begin = from(part, downward.latencySplit());
            int end = to(part, downward.latencySplit(), latencies);
            written.addAll(downward.latency(), begin, end);
            int firstArrival = from(part, downward.arrivalSplit());
            int lastArrival = to(part, downward.arrivalSplit(), downward.arrivalCount());
            Grid.spacing(downward.arrivals(), firstArrival, lastArrival, spacing);
            if (paced) {
                anchored += Grid.lateness(downward.arrivals(), firstArrival, lastArrival, down);
            } else {
                down.addAll(downward.latency(), begin, end);
            }
        }
    }

    private static int from(Part part, int split) {
        return part == Part.AFTER_SPLIT ? split : 0;
    }

    private static int to(Part part, int split, int all) {
        return part == Part.BEFORE_SPLIT ? split : all;
    }
}
