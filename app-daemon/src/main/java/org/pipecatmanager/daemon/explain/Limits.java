package org.pipecatmanager.daemon.explain;

/**
 * From where on something is bad. Where no source is named the number is our own judgement of what callers bear; it is
 * written in docs/troubleshooting.md.
 */
final class Limits {
    /** Frames of 20 ms a second. */
    static final int FRAMES_A_SECOND = 50;
    /** A call shorter than that proves nothing about who was silent. */
    static final long SHORT_CALL_MILLIS = 4_000;
    /** After that long somebody who can speak has spoken, or was asked whether he is there. */
    static final long SILENT_CALL_MILLIS = 10_000;
    /** -50 dBFS: comfort noise stays below, the softest voice comes above. */
    static final int SILENT_PEAK = 100;
    /** A share of a caller's frames, in percent, below which words are missing; a phone that sends no silence is below, too. */
    static final long FEW_FRAMES_PERCENT = 50;
    /** The bridge gives a late frame up there and starts anew (docs/adr, "the clock"): the caller hears a jump. */
    static final long LATE_MILLIS = 60;
    /** Gaps in the bot's voice that are heard, in a minute of it; below that nobody notices. */
    static final double GAPS_A_MINUTE = 3;
    /** Concealment is made for single frames; beyond this percentage of the voice it is heard as a rasp. */
    static final double CONCEALED_PERCENT = 2;
    /** From the caller's last word to the bot's first: people answer after a fifth of that, and say "hello?" here. */
    static final long SLOW_ANSWER_MILLIS = 3_000;
    /** Until the recogniser has the words. */
    static final long SLOW_STT_MILLIS = 1_000;
    /** Until the model's first token. */
    static final long SLOW_LLM_MILLIS = 1_500;
    /** Until the voice's first byte. */
    static final long SLOW_TTS_MILLIS = 1_000;
    /** Until it is decided that the caller has finished: docs/turns.md has what decides. */
    static final long SLOW_END_OF_TURN_MILLIS = 1_500;
    /** One in so many turns has to be slow for the part to be called slow. */
    static final int ONE_SLOW_IN = 4;
    /** An echo comes back, and is taken for a voice, within that of the bot's first sound. */
    static final long ECHO_MILLIS = 1_500;
    /** Once is a caller who changed his mind. */
    static final int ECHOES = 3;
    /** Silence of both, after the caller has finished. */
    static final long DEAD_AIR_MILLIS = 6_000;
    /** A tool that is slower keeps a caller waiting who hears nothing. */
    static final long SLOW_TOOL_MILLIS = 5_000;

    private Limits() {}
}
