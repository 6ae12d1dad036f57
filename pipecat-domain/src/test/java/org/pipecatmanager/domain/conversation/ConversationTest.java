package org.pipecatmanager.domain.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStarted;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStopped;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.BotOutput;
import org.pipecatmanager.ports.model.RunnerMessage.BotPaused;
import org.pipecatmanager.ports.model.RunnerMessage.BotStoppedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.PipelineError;
import org.pipecatmanager.ports.model.RunnerMessage.ToolCallInProgress;
import org.pipecatmanager.ports.model.RunnerMessage.ToolCallStopped;
import org.pipecatmanager.ports.model.RunnerMessage.UserStartedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.UserStoppedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.UserTranscription;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.Turn;

class ConversationTest {
    private record Event(EventType type, EventPayload payload) {}

    private final SequentialIds ids = new SequentialIds();
    private final SessionRef ref = new SessionRef(Ids.ZERO, ids.nextCallId(), ReferenceType.NONE, Ids.ZERO, Ids.ZERO);
    private final CountingSessionMeter meter = new CountingSessionMeter();
    private final List<Event> events = new ArrayList<>();
    private final List<RunnerMessage.Context> remembered = new ArrayList<>();
    private final Conversation conversation = new Conversation(ref, ids, meter, new Conversation.Output() {
        @Override
        public void publish(EventType type, EventPayload payload) {
            events.add(new Event(type, payload));
        }

        @Override
        public void said(SpokenMessage.Speaker speaker, String text, boolean interrupted, boolean estimated) {}

        @Override
        public void remembered(RunnerMessage.Context told) {
            remembered.add(told);
        }

        @Override
        public void turn(Turn turn) {}

        @Override
        public void awaitSpeech() {}

        @Override
        public Instant wallClock(long nanos) {
            return Instant.EPOCH.plusNanos(nanos);
        }

        @Override
        public void wakeAt(long nanos) {
            wakeAt = nanos;
            awake = true;
        }
    });
    private long now = -5_000_000_000L;
    private long wakeAt;
    private boolean awake;

    private void told(RunnerMessage... messages) {
        for (RunnerMessage message : messages) {
            conversation.told(message, now);
        }
    }

    /** Time passes, with every wake-up on the way. */
    private void pass(long millis) {
        long until = now + Duration.ofMillis(millis).toNanos();
        while (awake && wakeAt - until <= 0) {
            awake = false;
            now = Math.max(now, wakeAt);
            conversation.onTime(now);
        }
        now = until;
    }

    private List<Message> messages(EventType type) {
        return events.stream()
                .filter(event -> event.type() == type)
                .map(event -> (Message) event.payload())
                .toList();
    }

    @Test
    void a_generation_is_told_in_numbered_pieces_and_then_as_a_whole_under_one_id() {
        told(new BotLlmStarted(), new BotLlmText("We "), new BotLlmText("are "));
        pass(200);
        told(new BotLlmText("open "));
        pass(200);
        told(new BotLlmText("today."), new BotLlmStopped());

        assertThat(messages(EventType.MESSAGE_BOT_LLM_INTERMEDIATE))
                .extracting(Message::text, Message::sequence)
                .containsExactly(tuple("We are ", 1), tuple("open ", 2));
        assertThat(messages(EventType.MESSAGE_BOT_LLM)).singleElement().satisfies(whole -> {
            assertThat(whole.text()).isEqualTo("We are open today.");
            assertThat(whole.sequence()).isZero();
            assertThat(messages(EventType.MESSAGE_BOT_LLM_INTERMEDIATE))
                    .allMatch(piece -> piece.id().equals(whole.id()));
        });
    }

    @Test
    void nothing_is_told_while_no_piece_comes() {
        told(new BotLlmText("Well"));
        pass(1000);

        assertThat(messages(EventType.MESSAGE_BOT_LLM_INTERMEDIATE)).hasSize(1);
        assertThat(messages(EventType.MESSAGE_BOT_LLM)).isEmpty();
    }

    @Test
    void a_generation_that_falls_silent_for_8_s_is_over() {
        told(new BotLlmText("Well"));
        pass(7_999);
        assertThat(messages(EventType.MESSAGE_BOT_LLM)).isEmpty();

        pass(1);
        assertThat(messages(EventType.MESSAGE_BOT_LLM))
                .extracting(Message::text)
                .containsExactly("Well");

        told(new BotLlmStopped());
        assertThat(messages(EventType.MESSAGE_BOT_LLM)).as("it was over").hasSize(1);
    }

    @Test
    void generations_never_share_a_message_even_when_the_end_of_one_is_lost() {
        told(new BotLlmText("First."), new BotLlmStarted(), new BotLlmText("Second."), new BotLlmStopped());

        assertThat(messages(EventType.MESSAGE_BOT_LLM))
                .extracting(Message::text)
                .containsExactly("First.", "Second.");
        assertThat(messages(EventType.MESSAGE_BOT_LLM)).extracting(Message::id).doesNotHaveDuplicates();
    }

    @Test
    void an_empty_text_is_told_when_the_generation_is_complete_but_not_when_the_call_cuts_it_off() {
        told(new BotLlmText(""), new BotLlmStopped());
        assertThat(messages(EventType.MESSAGE_BOT_LLM))
                .extracting(Message::text)
                .containsExactly("");

        told(new BotLlmText(""));
        conversation.finish(EndReason.REQUESTED);
        assertThat(messages(EventType.MESSAGE_BOT_LLM)).hasSize(1);
    }

    @Test
    void a_generation_without_a_piece_is_no_message() {
        told(new BotLlmStarted(), new BotLlmStopped());
        assertThat(events).isEmpty();
    }

    @Test
    void a_text_without_end_is_cut_into_messages() {
        String page = "x".repeat(GenerationText.MAX_LENGTH / 2);
        told(new BotLlmText(page), new BotLlmText(page), new BotLlmText(page), new BotLlmStopped());

        assertThat(messages(EventType.MESSAGE_BOT_LLM))
                .extracting(message -> message.text().length())
                .containsExactly(GenerationText.MAX_LENGTH, GenerationText.MAX_LENGTH / 2);
    }

    @Test
    void a_generation_answers_the_message_that_was_pending_at_its_first_piece() {
        UUID question = ids.nextId();
        conversation.asked(question);
        told(new BotLlmText("Yes"));
        conversation.asked(ids.nextId());
        told(new BotLlmText("."), new BotLlmStopped());

        assertThat(messages(EventType.MESSAGE_BOT_LLM))
                .extracting(Message::inReplyTo)
                .containsExactly(question);
    }

    @Test
    void only_final_transcripts_of_the_caller_are_told() {
        told(new UserTranscription("Are you", false), new UserTranscription("Are you open?", true));

        assertThat(messages(EventType.MESSAGE_USER_TRANSCRIPTION))
                .extracting(Message::text)
                .containsExactly("Are you open?");
    }

    @Test
    void a_sentence_that_was_heard_to_its_end_is_told_once() {
        told(new BotOutput("s1", "We are open.", "We are", false), new BotOutput("s1", "We are open.", "", true));
        conversation.finish(EndReason.REQUESTED);

        assertThat(messages(EventType.MESSAGE_BOT_HEARD))
                .extracting(Message::text)
                .containsExactly("We are open.");
    }

    @Test
    void of_an_interrupted_sentence_the_beginning_that_was_heard_is_told() {
        told(new BotOutput("s1", "We are open today.", "We", false));
        conversation.flushed(800, 300, true, now, now);
        told(new BotOutput("s1", "We are open today.", "We are open", false));
        assertThat(messages(EventType.MESSAGE_BOT_HEARD)).as("not settled yet").isEmpty();

        told(new BotStoppedSpeaking());
        assertThat(messages(EventType.MESSAGE_BOT_HEARD))
                .extracting(Message::text)
                .containsExactly("We are open");
        conversation.finish(EndReason.REQUESTED);
        assertThat(messages(EventType.MESSAGE_BOT_HEARD)).hasSize(1);
    }

    @Test
    void a_pause_between_sentences_settles_nothing() {
        told(new BotOutput("s1", "We are open.", "We", false), new BotStoppedSpeaking());
        assertThat(messages(EventType.MESSAGE_BOT_HEARD)).isEmpty();

        conversation.finish(EndReason.REQUESTED);
        assertThat(messages(EventType.MESSAGE_BOT_HEARD))
                .extracting(Message::text)
                .containsExactly("We");
    }

    @Test
    void an_interruption_is_news_only_when_something_was_playing() {
        conversation.flushed(0, 0, false, now, now);
        assertThat(events).isEmpty();
        assertThat(meter.bargeInDrops()).isEmpty();

        conversation.flushed(800, 300, true, now, now);
        assertThat(events).containsExactly(new Event(EventType.BOT_INTERRUPTED, new Interruption(ref, 800, 300)));
        assertThat(meter.bargeInDrops()).containsExactly(300L);
    }

    @Test
    void a_pause_after_which_the_bot_goes_on_was_no_interruption() {
        told(new BotOutput("s1", "We are open.", "We", false), new BotPaused());
        conversation.flushed(800, 300, true, now, now);
        conversation.botSilent();
        conversation.botAudible(now + 1);
        told(new BotOutput("s1", "We are open.", "We are open.", true));

        conversation.flushed(2000, 0, false, now, now);
        assertThat(events).noneMatch(event -> event.type() == EventType.BOT_INTERRUPTED);
        assertThat(meter.bargeInDrops()).isEmpty();
    }

    @Test
    void a_pause_that_ends_in_an_interruption_counts_from_its_beginning() {
        told(new BotOutput("s1", "We are open.", "We", false), new BotPaused());
        conversation.flushed(800, 300, true, now, now);
        assertThat(events).isEmpty();

        conversation.flushed(1100, 0, false, now, now);
        assertThat(events).containsExactly(new Event(EventType.BOT_INTERRUPTED, new Interruption(ref, 800, 300)));
        told(new BotStoppedSpeaking());
        assertThat(messages(EventType.MESSAGE_BOT_HEARD))
                .extracting(Message::text)
                .containsExactly("We");

        conversation.flushed(1100, 0, false, now, now);
        assertThat(meter.bargeInDrops()).containsExactly(300L);
    }

    @Test
    void a_turn_lasts_from_the_end_of_the_question_to_the_first_sound_of_the_answer() {
        told(new UserStartedSpeaking(), new UserStoppedSpeaking());
        now += Duration.ofMillis(700).toNanos();
        conversation.botAudible(now);
        conversation.botSilent();
        conversation.botAudible(now + 1);

        assertThat(meter.turnLatencies()).containsExactly(Duration.ofMillis(700));
    }

    @Test
    void a_caller_who_speaks_again_or_speaks_below_the_bot_is_not_measured() {
        told(new UserStartedSpeaking(), new UserStoppedSpeaking(), new UserStartedSpeaking());
        conversation.botAudible(now);
        told(new UserStoppedSpeaking());
        conversation.botSilent();
        conversation.botAudible(now + 1);

        assertThat(meter.turnLatencies()).isEmpty();
    }

    @Test
    void a_tool_call_is_told_once_at_each_end_whoever_tells_first() {
        told(new ToolCallInProgress("c1", "hours"));
        conversation.toolStarted("c1", "hours", now);
        now += Duration.ofMillis(40).toNanos();
        conversation.toolFinished("c1", true, now);
        told(new ToolCallStopped("c1", "hours", false));

        assertThat(events)
                .containsExactly(
                        new Event(EventType.TOOL_CALL_STARTED, new ToolActivity(ref, "c1", "hours", false, 0)),
                        new Event(EventType.TOOL_CALL_FINISHED, new ToolActivity(ref, "c1", "hours", true, 40)));
    }

    @Test
    void a_cancelled_tool_call_did_not_succeed() {
        told(new ToolCallInProgress("c1", "hours"), new ToolCallStopped("c1", "hours", true));
        conversation.toolFinished("c1", true, now);

        assertThat(events.getLast())
                .isEqualTo(new Event(EventType.TOOL_CALL_FINISHED, new ToolActivity(ref, "c1", "hours", false, 0)));
        assertThat(events).hasSize(2);
    }

    @Test
    void an_error_of_the_pipeline_is_told_with_its_text() {
        told(new PipelineError("the voice is gone", true));

        assertThat(events)
                .containsExactly(
                        new Event(EventType.ERROR_REPORTED, new Problem(ref, "runner", "the voice is gone", true)));
    }

    @Test
    void a_providers_failure_is_told_with_what_was_done_about_it_and_counted() {
        ProviderFailure switched = new ProviderFailure("llm", "openai", "rate_limit", "switched", "groq");
        ProviderFailure ended = new ProviderFailure("tts", "cartesia", "quota", "ended", "");
        told(
                new RunnerMessage.ProviderError(switched, "429 from the model"),
                new RunnerMessage.ProviderError(ended, "no credit"));

        assertThat(events)
                .containsExactly(
                        new Event(
                                EventType.ERROR_REPORTED,
                                new Problem(ref, "runner", "429 from the model", false, switched)),
                        new Event(EventType.ERROR_REPORTED, new Problem(ref, "runner", "no credit", true, ended)));
        assertThat(meter.providerFailures()).containsExactly(switched, ended);
    }

    @Test
    void what_the_model_knows_is_remembered_and_no_event() {
        RunnerMessage.Context context =
                new RunnerMessage.Context(2, List.of(Map.of("role", "user", "content", "hello")), "sales");
        told(context);

        assertThat(remembered).containsExactly(context);
        assertThat(events).isEmpty();
    }

    @Test
    void of_a_lost_runner_nothing_is_left_open() {
        told(
                new BotLlmStarted(),
                new BotLlmText("We open at nine and"),
                new BotOutput("s1", "We open at nine and close at five.", "We open", false),
                new ToolCallInProgress("t1", "lookup"));
        conversation.toolStarted("t2", "book", now);
        events.clear();
        conversation.runnerLost(now);

        assertThat(events)
                .extracting(Event::type)
                .containsExactly(EventType.MESSAGE_BOT_LLM, EventType.MESSAGE_BOT_HEARD, EventType.TOOL_CALL_FINISHED);
        assertThat(messages(EventType.MESSAGE_BOT_HEARD))
                .extracting(Message::text, Message::estimated)
                .containsExactly(tuple("We open", true));
        assertThat(meter.flushExits()).containsExactly("context_cancelled");

        events.clear();
        conversation.toolFinished("t2", true, now);
        assertThat(events)
                .as("what we carry out comes back all the same")
                .containsExactly(new Event(EventType.TOOL_CALL_FINISHED, new ToolActivity(ref, "t2", "book", true, 0)));
    }
}
