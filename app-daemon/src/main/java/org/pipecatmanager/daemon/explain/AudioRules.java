package org.pipecatmanager.daemon.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pipecatmanager.ports.model.CallReport.Audio;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EventType;

/** What the caller heard, and whether he was heard. */
final class AudioRules {
    private AudioRules() {}

    static Optional<Cause> callerNotHeard(Evidence call) {
        Audio audio = call.audio().orElse(null);
        if (audio == null || call.talkMillis() < Limits.SHORT_CALL_MILLIS) {
            return Optional.empty();
        }
        String counted = audio.callerFrames() + " messages of the caller in " + seconds(call.talkMillis());
        if (audio.callerFrames() == 0) {
            return Optional.of(Cause.of(
                    "caller_not_heard",
                    "one-way audio: nothing came from the caller's phone",
                    List.of(counted),
                    "look between phone and Asterisk: RTP (NAT, firewall: rtp set debug on), a call on hold, direct media;"
                            + " behind a Dial without Answer nothing flows"));
        }
        if (call.callerWasNoticed() || call.talkMillis() < Limits.SILENT_CALL_MILLIS) {
            return Optional.empty();
        }
        if (audio.callerPeak() < Limits.SILENT_PEAK) {
            return Optional.of(
                    Cause.of(
                            "caller_silent",
                            "one-way audio: what came from the caller's phone was silence",
                            List.of(counted + ", loudest sample " + audio.callerPeak() + " of 32767"),
                            "a muted microphone or headset, or a trunk that sends comfort noise: listen with Asterisk's Monitor"));
        }
        return Optional.of(Cause.of(
                "caller_not_understood",
                "the caller was audible, and nobody noticed that he spoke",
                List.of(counted + ", loudest sample " + audio.callerPeak()
                        + " of 32767, no user_started_speaking, no transcript"),
                "noise under the name of 16-bit audio (the daemon's log warns; add /c(slin) to the Dial); otherwise"
                        + " vad.confidence and vad.min_volume of the agent (docs/turns.md)"));
    }

    static Optional<Cause> botNotHeard(Evidence call) {
        Audio audio = call.audio().orElse(null);
        if (audio == null || audio.playedFrames() > 0 || call.talkMillis() < Limits.SHORT_CALL_MILLIS) {
            return Optional.empty();
        }
        String counted = "0 frames of the bot to the caller, " + audio.silentFrames() + " of silence, in "
                + seconds(call.talkMillis());
        if (audio.unsupportedHz() > 0) {
            return Optional.of(Cause.of(
                    "bot_not_heard",
                    "one-way audio: the bot's voice came at a rate that cannot be converted",
                    List.of(counted, "rate " + audio.unsupportedHz() + " Hz"),
                    "let the voice send 8, 16, 24 or 48 kHz (docs/protocol/runner-link.md)"));
        }
        if (!call.botSpoke()) {
            return call.talkMillis() < Limits.SILENT_CALL_MILLIS
                    ? Optional.empty()
                    : Optional.of(
                            Cause.of(
                                    "bot_silent",
                                    "the bot never said anything",
                                    List.of(counted, "no bot_started_speaking"),
                                    "is a greeting set, and was the caller understood? Provider errors and the runner's log say more"));
        }
        List<String> evidence = new ArrayList<>(List.of(counted));
        call.marks(EventType.BOT_STARTED_SPEAKING).stream()
                .findFirst()
                .ifPresent(mark -> evidence.add(Evidence.at(mark.atMillis()) + " bot_started_speaking"));
        return Optional.of(Cause.of(
                "bot_not_heard",
                "one-way audio: the bot spoke, and none of its audio came to the daemon",
                evidence,
                "see the voice's errors in the runner's log; a pipeline of your own has to send audio frames on its output"
                        + " socket"));
    }

    static Optional<Cause> brokenVoice(Evidence call) {
        Audio audio = call.audio().orElse(null);
        if (audio == null || audio.playedFrames() == 0) {
            return Optional.empty();
        }
        double minutes = audio.playedFrames() / (60.0 * Limits.FRAMES_A_SECOND);
        double concealed = 100.0 * audio.concealedFrames() / audio.playedFrames();
        // A minute is the least that is scaled: three gaps in two seconds are three gaps.
        boolean gaps = audio.underruns() >= Limits.GAPS_A_MINUTE * Math.max(1, minutes);
        if (!gaps && concealed < Limits.CONCEALED_PERCENT) {
            return Optional.empty();
        }
        return Optional.of(Cause.of(
                "broken_voice",
                "the bot's voice had gaps: its audio came too late from the runner",
                List.of(String.format(
                        Locale.ROOT,
                        "%d underruns, %d frames made up, in %.1f s of the bot's voice",
                        audio.underruns(),
                        audio.concealedFrames(),
                        audio.playedFrames() / (double) Limits.FRAMES_A_SECOND)),
                "a voice that is slower than real time (its provider, or too few cores for a local one), or a runner without"
                        + " processor time: pipecat_manager_playout_queue_low_seconds, docs/sizing.md"));
    }

    static Optional<Cause> lateFrames(Evidence call) {
        Audio audio = call.audio().orElse(null);
        if (audio == null || (audio.reanchored() == 0 && audio.worstLateMillis() < Limits.LATE_MILLIS)) {
            return Optional.empty();
        }
        return Optional.of(Cause.of(
                "late_frames",
                "the daemon itself was late with frames: callers hear a jump",
                List.of("the latest frame left " + audio.worstLateMillis()
                        + " ms after its time, the clock started anew " + audio.reanchored() + " times"),
                "the machine had no time for it: other load, processor limits of the container, a suspended virtual machine;"
                        + " pipecat_manager_pacer_lateness_seconds"));
    }

    static Optional<Cause> dropped(Evidence call) {
        Audio audio = call.audio().orElse(null);
        return audio == null || audio.droppedMillis() == 0
                ? Optional.empty()
                : Optional.of(Cause.of(
                        "voice_dropped",
                        "part of the bot's voice was thrown away: more came than is kept",
                        List.of(audio.droppedMillis() + " ms were never heard"),
                        "the runner does not keep to the grant (docs/protocol/runner-link.md, limit_ms)"));
    }

    static Optional<Cause> callerDiscarded(Evidence call) {
        Audio audio = call.audio().orElse(null);
        return audio == null || audio.callerDiscarded() < Limits.FRAMES_A_SECOND || call.talkMillis() == 0
                ? Optional.empty()
                : Optional.of(Cause.hint(
                        "caller_discarded",
                        "for a while there was no runner to hear the caller",
                        List.of(audio.callerDiscarded() + " messages of the caller went nowhere"),
                        "what is said before the runner is there, or while it is replaced, is lost: see"
                                + " pipecat_manager_session_setup_seconds"));
    }

    static Optional<Cause> fewFrames(Evidence call) {
        Audio audio = call.audio().orElse(null);
        if (audio == null || audio.callerFrames() == 0 || call.talkMillis() < Limits.SILENT_CALL_MILLIS) {
            return Optional.empty();
        }
        long expected = call.talkMillis() * Limits.FRAMES_A_SECOND / 1_000;
        long came = audio.callerFrames() + audio.callerDiscarded();
        return came * 100 >= expected * Limits.FEW_FRAMES_PERCENT
                ? Optional.empty()
                : Optional.of(
                        Cause.hint(
                                "few_frames",
                                "much of the caller's audio is missing",
                                List.of(came + " messages came, " + expected + " were to be expected of 20 ms each"),
                                "a phone that sends no silence (DTX), a call on hold, longer packets, or loss between phone and Asterisk"));
    }

    static Optional<Cause> echo(Evidence call) {
        List<String> evidence = new ArrayList<>();
        long began = -1;
        boolean understood = true;
        long interruptedAt = -1;
        for (Mark mark : call.marks()) {
            switch (mark.type()) {
                case BOT_STARTED_SPEAKING -> {
                    began = mark.atMillis();
                    note(evidence, interruptedAt, understood);
                    interruptedAt = -1;
                }
                case BOT_INTERRUPTED -> {
                    if (began >= 0 && mark.atMillis() - began <= Limits.ECHO_MILLIS) {
                        interruptedAt = mark.atMillis();
                        understood = false;
                    }
                    began = -1;
                }
                case MESSAGE_USER_TRANSCRIPTION -> understood = true;
                default -> {}
            }
        }
        note(evidence, interruptedAt, understood);
        return evidence.size() < Limits.ECHOES
                ? Optional.empty()
                : Optional.of(Cause.of(
                        "echo",
                        "the bot was interrupted again and again as soon as it began, and nobody had said anything: it hears"
                                + " itself",
                        evidence,
                        "echo cancellation of the phone or gateway (a loudspeaker?); turn.barge_in: words, or a longer"
                                + " vad.start_secs, for this agent (docs/turns.md)"));
    }

    private static void note(List<String> evidence, long interruptedAt, boolean understood) {
        if (interruptedAt >= 0 && !understood) {
            evidence.add(Evidence.at(interruptedAt) + " bot_interrupted within " + Limits.ECHO_MILLIS
                    + " ms of its first sound, no transcript");
        }
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
