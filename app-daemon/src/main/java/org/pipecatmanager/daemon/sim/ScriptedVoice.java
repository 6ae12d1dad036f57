package org.pipecatmanager.daemon.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A caller who follows a {@link Script} and notes when things were said and answered. Owned by the simulation's thread. */
final class ScriptedVoice implements Voice {
    private final Script script;
    private final List<Said> said = new ArrayList<>();
    private int next;
    private Script.@Nullable Line speaking;
    private int position;
    private long lastWordNanos = Long.MIN_VALUE;
    private long firstFrameNanos = Long.MIN_VALUE;

    /**
     * One line as it was said. Times are nanoseconds of the simulation's clock, {@code Long.MIN_VALUE} for "not yet".
     *
     * <p>Owned by the simulation's thread until the call is over.
     */
    static final class Said {
        final String file;
        final boolean interrupts;
        long firstSoundNanos = Long.MIN_VALUE;
        long lastSoundNanos = Long.MIN_VALUE;
        /** First sound of the bot after the line. */
        long answeredNanos = Long.MIN_VALUE;
        /** Last sound of the bot before it gave way to an interruption. */
        long gaveWayNanos = Long.MIN_VALUE;

        Said(String file, boolean interrupts) {
            this.file = file;
            this.interrupts = interrupts;
        }
    }

    ScriptedVoice(Script script) {
        this.script = script;
    }

    @Override
    public boolean speak(short[] frame, Ear ear, long nowNanos) {
        if (firstFrameNanos == Long.MIN_VALUE) {
            firstFrameNanos = nowNanos;
        }
        noteAnswers(ear, nowNanos);
        Arrays.fill(frame, (short) 0);
        Script.Line line = speaking;
        if (line == null) {
            if (next == script.lines().size() || !isCued(script.lines().get(next), ear, nowNanos)) {
                return true;
            }
            line = script.lines().get(next++);
            if (line.hangsUp()) {
                return false;
            }
            speaking = line;
            position = 0;
            said.add(new Said(line.file(), line.cue() == Script.Cue.BOT_SPEAKING));
        }
        int length = Math.min(frame.length, line.length() - position);
        line.copy(position, frame, length);
        position += length;
        Said now = said.getLast();
        if (Ear.isSound(frame, frame.length)) {
            if (now.firstSoundNanos == Long.MIN_VALUE) {
                now.firstSoundNanos = nowNanos;
            }
            now.lastSoundNanos = nowNanos + 20_000_000L;
        }
        if (position == line.length()) {
            speaking = null;
            lastWordNanos = nowNanos;
        }
        return true;
    }

    private boolean isCued(Script.Line line, Ear ear, long nowNanos) {
        return switch (line.cue()) {
            case BOT_FINISHED ->
                ear.lastSoundNanos() != Long.MIN_VALUE
                        && ear.speakingSinceNanos() > lastWordNanos
                        && !ear.isSpeaking(nowNanos);
            case BOT_SPEAKING ->
                ear.isSpeaking(nowNanos)
                        && ear.speakingSinceNanos() > lastWordNanos
                        && nowNanos - ear.speakingSinceNanos() >= line.millis() * 1_000_000L;
            case SILENCE ->
                nowNanos - Math.max(firstFrameNanos, Math.max(ear.lastSoundNanos(), lastWordNanos))
                        >= line.millis() * 1_000_000L;
        };
    }

    private void noteAnswers(Ear ear, long nowNanos) {
        if (said.isEmpty()) {
            return;
        }
        Said last = said.getLast();
        if (last.interrupts
                && last.gaveWayNanos == Long.MIN_VALUE
                && last.firstSoundNanos != Long.MIN_VALUE
                && !isBotAudible(ear, nowNanos)) {
            last.gaveWayNanos = Math.max(ear.lastSoundNanos(), last.firstSoundNanos);
        }
        if (speaking == null
                && last.answeredNanos == Long.MIN_VALUE
                && ear.lastSoundNanos() > last.lastSoundNanos
                && (!last.interrupts || last.gaveWayNanos != Long.MIN_VALUE)) {
            last.answeredNanos = ear.lastSoundNanos();
        }
    }

    /** Shorter than the pause that ends a stretch: the bot gave way when it is quiet for longer than between words. */
    private static boolean isBotAudible(Ear ear, long nowNanos) {
        return nowNanos - ear.lastSoundNanos() < 250_000_000L;
    }

    List<Said> said() {
        return List.copyOf(said);
    }
}
