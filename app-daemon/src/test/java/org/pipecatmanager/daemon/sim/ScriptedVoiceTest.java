package org.pipecatmanager.daemon.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptedVoiceTest {
    private static final long FRAME_NANOS = 20_000_000L;
    private final Ear ear = new Ear();
    private final short[] said = new short[SimulatedCall.FRAME_SAMPLES];
    private long now = 1_000_000_000L;

    @Test
    void a_line_waits_until_the_bot_has_spoken_and_paused() {
        ScriptedVoice voice = new ScriptedVoice(new Script(List.of(line(Script.Cue.BOT_FINISHED, 0, 5))));

        assertThat(run(voice, 100, false)).as("nothing before the bot spoke").isZero();
        assertThat(run(voice, 50, true)).as("nothing while the bot speaks").isZero();
        assertThat(run(voice, 29, false)).as("nothing in a short pause").isZero();
        assertThat(run(voice, 20, false)).as("the line after the pause").isEqualTo(5);
    }

    @Test
    void an_interruption_comes_while_the_bot_speaks_and_notes_when_it_gave_way() {
        ScriptedVoice voice = new ScriptedVoice(new Script(List.of(line(Script.Cue.BOT_SPEAKING, 400, 30))));

        assertThat(run(voice, 20, true)).isZero();
        assertThat(run(voice, 11, true)).isEqualTo(11);
        assertThat(run(voice, 40, false)).isEqualTo(19);

        ScriptedVoice.Said line = voice.said().getFirst();
        assertThat((line.gaveWayNanos - line.firstSoundNanos) / FRAME_NANOS).isEqualTo(10);
    }

    @Test
    void the_answer_is_timed_from_the_last_sound_of_the_line() {
        ScriptedVoice voice = new ScriptedVoice(new Script(List.of(line(Script.Cue.SILENCE, 100, 5))));
        run(voice, 30, false);
        run(voice, 3, true);

        ScriptedVoice.Said line = voice.said().getFirst();
        assertThat(line.answeredNanos - line.lastSoundNanos).isPositive().isLessThan(25 * FRAME_NANOS);
    }

    @Test
    void the_caller_hangs_up_when_the_script_says_so() {
        ScriptedVoice voice =
                new ScriptedVoice(new Script(List.of(new Script.Line(Script.Cue.SILENCE, 100, "", new short[0]))));

        assertThat(voice.speak(said, ear, now)).isTrue();
        assertThat(voice.speak(said, ear, now + 200_000_000L)).isFalse();
    }

    /** Runs frames with the bot speaking or silent; how many frames of sound the caller said. */
    private int run(ScriptedVoice voice, int frames, boolean botSpeaks) {
        short[] heard = new short[SimulatedCall.FRAME_SAMPLES];
        Arrays.fill(heard, botSpeaks ? (short) 5000 : 0);
        int sounding = 0;
        for (int i = 0; i < frames; i++) {
            ear.hear(heard, heard.length, now);
            voice.speak(said, ear, now);
            if (Ear.isSound(said, said.length)) {
                sounding++;
            }
            now += FRAME_NANOS;
        }
        return sounding;
    }

    private static Script.Line line(Script.Cue cue, long millis, int frames) {
        short[] samples = new short[frames * SimulatedCall.FRAME_SAMPLES];
        Arrays.fill(samples, (short) 4000);
        return new Script.Line(cue, millis, "line.wav", samples);
    }
}
