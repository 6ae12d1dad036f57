package org.pipecatmanager.domain.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStarted;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStopped;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.BotOutput;
import org.pipecatmanager.ports.model.RunnerMessage.BotStoppedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.HeardEstimated;
import org.pipecatmanager.ports.model.RunnerMessage.Metrics;
import org.pipecatmanager.ports.model.RunnerMessage.ToolCallInProgress;
import org.pipecatmanager.ports.model.RunnerMessage.ToolCallStopped;
import org.pipecatmanager.ports.model.RunnerMessage.UserStartedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.UserStoppedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.UserTranscription;
import org.pipecatmanager.ports.model.RunnerMessage.VoiceStopped;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.model.TurnMetrics.Sample;

/** What is kept of a conversation: what was said, how long turns took, how generations came to their end. */
class TranscriptAndTurnsTest {
    private final SequentialIds ids = new SequentialIds();
    private final SessionRef ref = new SessionRef(Ids.ZERO, ids.nextCallId(), ReferenceType.NONE, Ids.ZERO, Ids.ZERO);
    private final CountingSessionMeter meter = new CountingSessionMeter();
    private final List<Tuple> transcript = new ArrayList<>();
    private final List<String> estimates = new ArrayList<>();
    private final Map<Integer, Turn> turns = new TreeMap<>();
    private boolean awaitingSpeech;
    private final Conversation conversation = new Conversation(ref, ids, meter, new Conversation.Output() {
        @Override
        public void publish(EventType type, EventPayload payload) {}

        @Override
        public void said(Speaker speaker, String text, boolean interrupted, boolean estimated) {
            transcript.add(tuple(speaker, text, interrupted));
            if (estimated) {
                estimates.add(text);
            }
        }

        @Override
        public void remembered(RunnerMessage.Context told) {}

        @Override
        public void turn(Turn turn) {
            turns.put(turn.number(), turn);
        }

        @Override
        public void awaitSpeech() {
            awaitingSpeech = true;
        }

        @Override
        public Instant wallClock(long nanos) {
            return Instant.EPOCH.plusNanos(nanos);
        }

        @Override
        public void wakeAt(long nanos) {}
    });
    private long now = Duration.ofSeconds(100).toNanos();

    private void told(RunnerMessage... messages) {
        for (RunnerMessage message : messages) {
            conversation.told(message, now);
        }
    }

    private void pass(long millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    /** The caller falls silent, and 300 ms later the turn is over. */
    private void callerSpeaks(String text) {
        told(new UserStartedSpeaking());
        pass(1000);
        told(new VoiceStopped(0));
        pass(200);
        told(new UserTranscription(text, true));
        pass(100);
        told(new UserStoppedSpeaking());
    }

    private void botIsHeardAfter(long millis) {
        pass(millis);
        conversation.speechArrived(now);
        pass(20);
        conversation.botAudible(now);
    }

    private Collection<Turn> turns() {
        return turns.values();
    }

    @Test
    void what_was_said_is_kept_in_order_as_it_was_heard() {
        conversation.live(true, now);
        told(new BotOutput("1", "Good morning.", "Good", false), new BotOutput("1", "Good morning.", "", true));
        told(new UserTranscription("I wo", false), new UserTranscription("I would like a table.", true));
        conversation.typed("the caller pressed 4");
        told(new BotOutput("2", "For how many people?", "For how", false));
        conversation.flushed(800, 300, true, now, now);
        told(new BotStoppedSpeaking());

        assertThat(transcript)
                .containsExactly(
                        tuple(Speaker.BOT, "Good morning.", false),
                        tuple(Speaker.USER, "I would like a table.", false),
                        tuple(Speaker.MESSAGE, "the caller pressed 4", false),
                        tuple(Speaker.BOT, "For how", true));
    }

    @Test
    void what_the_model_wrote_is_not_what_the_bot_said_where_a_caller_hears_it() {
        conversation.live(true, now);
        told(new BotLlmText("Hello there"), new BotLlmStopped());

        assertThat(transcript).isEmpty();
    }

    @Test
    void in_a_text_session_whole_generations_are_what_the_bot_said() {
        conversation.live(false, now);
        conversation.typed("hello");
        told(new BotLlmText("Hello "), new BotLlmText("there"), new BotLlmStopped());
        told(new BotLlmText("And"));
        conversation.finish(EndReason.REQUESTED);

        assertThat(transcript)
                .containsExactly(
                        tuple(Speaker.MESSAGE, "hello", false),
                        tuple(Speaker.BOT, "Hello there", false),
                        tuple(Speaker.BOT, "And", false));
        assertThat(turns()).isEmpty();
    }

    @Test
    void a_turn_is_measured_from_the_callers_last_sound() {
        conversation.live(true, now);
        callerSpeaks("hello");
        long stopped = now - Duration.ofMillis(300).toNanos();
        pass(250);
        told(new BotLlmText("Hi"));
        botIsHeardAfter(150);
        assertThat(turns()).isEmpty();
        pass(900);
        conversation.botSilent();

        assertThat(turns())
                .containsExactly(new Turn(
                        ref.pipecatcallId(),
                        1,
                        Turn.Kind.ANSWER,
                        Instant.EPOCH.plusNanos(stopped),
                        300L,
                        200L,
                        550L,
                        700L,
                        720L,
                        null,
                        null));
    }

    @Test
    void without_a_voice_detector_a_turn_is_measured_from_the_end_of_the_callers_turn() {
        conversation.live(true, now);
        told(new UserStartedSpeaking(), new UserStoppedSpeaking());
        pass(500);
        told(new UserTranscription("hello", true));
        conversation.finish(EndReason.CALLER_HUNG_UP);

        assertThat(turns()).singleElement().satisfies(turn -> {
            assertThat(turn.callerStopped())
                    .isEqualTo(Instant.EPOCH.plusNanos(now).minusMillis(500));
            assertThat(turn.endOfTurnMillis()).isZero();
            assertThat(turn.transcriptMillis()).isEqualTo(500);
            assertThat(turn.firstFrameMillis()).isNull();
        });
    }

    @Test
    void the_greeting_is_a_turn_if_it_was_heard() {
        conversation.speechArrived(now);
        conversation.live(true, now);
        pass(40);
        conversation.botAudible(now);
        conversation.botSilent();

        assertThat(turns()).singleElement().satisfies(turn -> {
            assertThat(turn.kind()).isEqualTo(Turn.Kind.GREETING);
            assertThat(turn.firstSpeechMillis()).as("it waited for the caller").isZero();
            assertThat(turn.firstFrameMillis()).isEqualTo(40);
        });
    }

    @Test
    void a_greeting_nobody_heard_is_no_turn() {
        conversation.live(true, now);
        told(new BotLlmText("Hel"));
        callerSpeaks("hello");
        conversation.finish(EndReason.CALLER_HUNG_UP);

        assertThat(turns()).singleElement().satisfies(turn -> {
            assertThat(turn.number()).isEqualTo(1);
            assertThat(turn.kind()).isEqualTo(Turn.Kind.ANSWER);
        });
    }

    @Test
    void what_bridges_the_time_until_a_tool_answers_is_a_filler_and_the_turn_is_told_again() {
        conversation.live(true, now);
        callerSpeaks("when are you open?");
        told(new ToolCallInProgress("t", "opening_hours"));
        botIsHeardAfter(100);
        conversation.botSilent();
        assertThat(turns())
                .extracting(Turn::kind, Turn::firstTokenMillis)
                .containsExactly(tuple(Turn.Kind.FILLER, null));

        pass(480);
        told(new ToolCallStopped("t", "opening_hours", false), new BotLlmText("From nine"));
        botIsHeardAfter(10);
        conversation.botSilent();
        assertThat(turns())
                .extracting(Turn::number, Turn::kind, Turn::firstFrameMillis, Turn::firstTokenMillis)
                .containsExactly(tuple(1, Turn.Kind.FILLER, 420L, 900L));
    }

    @Test
    void an_answer_that_is_cut_off_says_when_it_was_told_and_when_it_was_quiet() {
        conversation.live(true, now);
        callerSpeaks("hello");
        told(new BotLlmText("Hi"));
        botIsHeardAfter(80);
        pass(1000);
        long toldAt = now;
        told(new UserStartedSpeaking());
        pass(15);
        conversation.flushed(0, 500, true, toldAt, now);
        conversation.botSilent();

        assertThat(turns())
                .extracting(Turn::firstFrameMillis, Turn::bargeInMillis, Turn::lastOldFrameMillis)
                .containsExactly(tuple(400L, 1400L, 1415L));
        conversation.flushed(0, 0, false, now, now);
        told(new UserStoppedSpeaking());
        conversation.finish(EndReason.REQUESTED);
        assertThat(turns()).hasSize(2);
        assertThat(turns.get(1)).extracting(Turn::bargeInMillis).isEqualTo(1400L);
    }

    @Test
    void speech_is_waited_for_once_per_turn_and_not_while_the_bot_talks_on() {
        conversation.live(true, now);
        callerSpeaks("hello");
        assertThat(awaitingSpeech).isTrue();

        botIsHeardAfter(10);
        awaitingSpeech = false;
        told(new UserStartedSpeaking(), new UserStoppedSpeaking());
        assertThat(awaitingSpeech).isFalse();

        conversation.botSilent();
        assertThat(awaitingSpeech).isTrue();
    }

    @Test
    void every_generation_says_how_it_came_to_its_end() {
        told(new BotLlmText("a"), new BotLlmStopped(), new BotLlmText("b"), new BotLlmStarted(), new BotLlmText("c"));
        pass(8000);
        conversation.onTime(now);
        assertThat(meter.count(Counter.LLM_IDLE_WATCHDOG_FIRED)).isEqualTo(1);

        told(new BotLlmText("d"));
        conversation.finish(EndReason.REQUESTED);
        assertThat(meter.flushExits()).containsExactly("stopped_normal", "unknown", "idle_watchdog", "terminate_force");
        assertThat(meter.flushOutcomes()).containsExactly("done");
    }

    @Test
    void a_call_whose_runner_broke_cancels_its_generation() {
        told(new BotLlmText("a"));
        conversation.finish(EndReason.RUNNER_LOST);

        assertThat(meter.flushExits()).containsExactly("context_cancelled");
    }

    @Test
    void an_end_without_a_generation_has_nothing_to_do() {
        conversation.finish(EndReason.REQUESTED);
        told(new BotLlmText("a"), new BotLlmStopped());
        conversation.finish(EndReason.REQUESTED);

        assertThat(meter.flushOutcomes()).containsExactly("noop_never_started", "noop_already_done");
    }

    @Test
    void a_cut_sentence_of_a_voice_without_word_times_is_marked_as_estimated() {
        conversation.live(true, now);
        told(new HeardEstimated("s1"), new BotOutput("s1", "We open at nine.", "We open", false));
        told(new BotOutput("s2", "Good day to you.", "Good", false));
        conversation.flushed(500, 200, true, now, now);
        told(new BotStoppedSpeaking());

        assertThat(transcript).containsExactly(tuple(Speaker.BOT, "We open", true), tuple(Speaker.BOT, "Good", true));
        assertThat(estimates).containsExactly("We open");
    }

    @Test
    void of_a_sentence_that_was_heard_to_its_end_nothing_is_estimated() {
        told(new HeardEstimated("s1"), new BotOutput("s1", "We open at nine.", "We open at nine.", true));

        assertThat(transcript).containsExactly(tuple(Speaker.BOT, "We open at nine.", false));
        assertThat(estimates).isEmpty();
    }

    private static Metrics metrics(Object... kindProcessorValue) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < kindProcessorValue.length; i += 3) {
            samples.add(new Sample(
                    (String) kindProcessorValue[i],
                    (String) kindProcessorValue[i + 1],
                    ((Number) kindProcessorValue[i + 2]).doubleValue()));
        }
        return new Metrics(samples);
    }

    @Test
    void the_runners_own_numbers_stand_at_the_turn_they_belong_to() {
        told(metrics("ttfb", "OpenAILLMService#0", 0, "ttfb", "PiperWorkerTTS#0", 0));
        told(metrics("ttfb", "PiperWorkerTTS#0", 0.12, "characters", "PiperWorkerTTS#0", 24));
        conversation.live(true, now);
        botIsHeardAfter(10);
        told(new UserStartedSpeaking());
        told(metrics("processing", "WhisperSTT#0", 0.3, "ttfb", "WhisperSTT#0", 0.41));
        told(new UserTranscription("hello", true), new UserStoppedSpeaking());
        told(metrics("ttfb", "OpenAILLMService#0", 0.2), metrics("prompt_tokens", "", 90, "completion_tokens", "", 7));
        told(
                metrics("ttfb", "OpenAILLMService#0", 0.9),
                metrics("prompt_tokens", "", 110, "completion_tokens", "", 20));
        told(metrics("ttfb", "PiperWorkerTTS#0", 0.05, "characters", "PiperWorkerTTS#0", 30));
        told(metrics("ttfb", "PiperWorkerTTS#0", 0.04, "characters", "PiperWorkerTTS#0", 12));
        botIsHeardAfter(10);
        conversation.finish(EndReason.BOT_ENDED);

        assertThat(turns())
                .extracting(Turn::kind, Turn::figures)
                .containsExactly(
                        tuple(Turn.Kind.GREETING, new Turn.Figures(null, null, 120L, null, null, 24L)),
                        tuple(Turn.Kind.FILLER, new Turn.Figures(410L, 200L, 50L, 200L, 27L, 42L)));
        assertThat(meter.providerMeasures())
                .containsExactly(
                        "tts PT0.12S", "stt PT0.41S", "llm PT0.2S", "llm PT0.9S", "tts PT0.05S", "tts PT0.04S");
    }

    @Test
    void a_recogniser_that_only_tells_how_long_it_worked_is_taken_at_that() {
        conversation.live(true, now);
        told(new UserStartedSpeaking(), new UserStoppedSpeaking());
        told(metrics("processing", "WhisperSTT#0", 0.3, "processing", "OpenAILLMService#0", 2));
        told(metrics("ttfb", "Something", 0.7, "prompt_tokens", "", Double.NaN, "characters", "x", -4));
        conversation.finish(EndReason.BOT_ENDED);

        assertThat(turns())
                .extracting(Turn::figures)
                .containsExactly(new Turn.Figures(300L, null, null, null, null, null));
    }

    @Test
    void a_caller_who_spoke_to_a_lost_runner_is_answered_by_the_next() {
        conversation.live(true, now);
        told(new UserStartedSpeaking());
        conversation.runnerLost(now);
        told(new BotLlmText("I am sorry"));
        botIsHeardAfter(100);
        conversation.botSilent();

        assertThat(turns()).singleElement().satisfies(turn -> {
            assertThat(turn.firstTokenMillis()).isEqualTo(0L);
            assertThat(turn.firstFrameMillis()).isNotNull();
        });
    }
}
