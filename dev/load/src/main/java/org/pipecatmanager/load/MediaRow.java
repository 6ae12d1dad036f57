package org.pipecatmanager.load;

import java.util.List;

/**
 * One step of one process.
 *
 * @param calls               at once
 * @param who                 whose figures these are
 * @param seconds             measured
 * @param cpuMillisPerCallSecond processor time of the process, user and system, per call and second
 * @param generatorCores      what the generator itself took
 * @param up                  caller's write to runner's read
 * @param down                for the relay runner's write to caller's read, for the daemon from the moment due
 * @param fastestDownMillis   the least it took from the runner's write to the caller's read
 * @param spacing             between one frame at the caller and the next
 * @param firstAudio          from the runner's first write until the caller hears something
 * @param bunchedPercent      frames at the caller within 5 ms of the one before
 * @param lost                marked frames that never came, both ways
 * @param repeated            marked frames that came twice, up
 * @param reordered           marked frames that came after later ones, both ways
 * @param unknown             frames with a level that was never sent, up
 * @param madeUp              frames at the caller that came twice or have a level that was never sent: a gap was bridged
 * @param silent              frames of silence at a caller whose runner was speaking
 * @param anchored            times the daemon's clock of a call was anchored anew
 * @param residentMiB         at the end of the step
 * @param peakMiB             since its start
 * @param threads             at the end of the step
 * @param allocatedMiBPerSecond by its threads
 * @param pauses              of its collector
 * @param lateP99Millis       how late the generator sent
 * @param isVoid              it was too late for the row to count
 * @param left                calls that were not over when they should have been
 * @param failures            connections that broke, each once
 */
record MediaRow(
        int calls,
        String who,
        double seconds,
        double cpuMillisPerCallSecond,
        double generatorCores,
        Spread up,
        Spread down,
        double fastestDownMillis,
        Spread spacing,
        Spread firstAudio,
        double bunchedPercent,
        long lost,
        long repeated,
        long reordered,
        long unknown,
        long madeUp,
        long silent,
        int anchored,
        double residentMiB,
        double peakMiB,
        int threads,
        double allocatedMiBPerSecond,
        GcLog.Pauses pauses,
        double lateP99Millis,
        boolean isVoid,
        int left,
        List<String> failures) {
    /** The same with other figures downwards. */
    MediaRow withDown(Spread other) {
        return new MediaRow(
                calls,
                who,
                seconds,
                cpuMillisPerCallSecond,
                generatorCores,
                up,
                other,
                fastestDownMillis,
                spacing,
                firstAudio,
                bunchedPercent,
                lost,
                repeated,
                reordered,
                unknown,
                madeUp,
                silent,
                anchored,
                residentMiB,
                peakMiB,
                threads,
                allocatedMiBPerSecond,
                pauses,
                lateP99Millis,
                isVoid,
                left,
                failures);
    }

    /** Whether every frame came once, without gaps, and nothing is left. */
    boolean isClean() {
        return madeUp == 0 && isWhole();
    }

    /** The same, but for gaps: those of a runner that has nothing in hand are its own. */
    boolean isWhole() {
        return lost == 0 && repeated == 0 && reordered == 0 && unknown == 0 && left == 0 && failures.isEmpty();
    }
}
