package org.pipecatmanager.daemon.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.daemon.explain.Evidence.Said;
import org.pipecatmanager.daemon.explain.Evidence.TurnTimes;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.CallReport.Audio;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.wire.CallReportWire;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Every rule: what makes it speak, and that it is silent where there is nothing to say. */
class ExplanationTest {
    private static final PipecatcallId ID = new PipecatcallId(UUID.fromString("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10"));
    private static final long MINUTE = 60_000;
    /** A minute's call in which all is well. */
    private static final Audio WELL = new Audio(1500, 1500, 3, 1, 0, 12, 3000, 0, 12_000, 0, 0);

    private final List<Mark> marks = new ArrayList<>();
    private final List<TurnTimes> turns = new ArrayList<>();
    private String endReason = "caller_hung_up";

    ExplanationTest() {
        mark(1_000, EventType.PIPECATCALL_INITIALIZED);
    }

    @Test
    void a_good_call_has_no_cause_and_says_so() {
        talk();
        turns.add(turn(1, Map.of("first_frame_ms", 900L, "llm_ttfb_ms", 400L)));
        Explanation explanation = explain(WELL);
        assertThat(explanation.causes()).isEmpty();
        assertThat(explanation.text())
                .contains("nothing that spoils a call was found", "1500 frames played", "after 1:00.0");
    }

    @Test
    void what_was_said_is_shown_only_where_it_is_asked_for() {
        Evidence call = evidence(WELL, List.of(new Said(2_000, "user", "my card is 4711")));
        assertThat(Explanation.of(call, false).text()).doesNotContain("4711");
        assertThat(Explanation.of(call, false).toMap().toString()).doesNotContain("4711");
        assertThat(Explanation.of(call, true).text()).contains("+0:02.0 user: my card is 4711");
        assertThat(Explanation.of(call, true).toMap().toString()).contains("4711");
    }

    @ParameterizedTest
    @EnumSource(
            value = EndReason.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"REQUESTED", "CALLER_HUNG_UP", "BOT_ENDED", "TRANSFERRED"})
    void every_end_that_is_not_meant_is_a_cause(EndReason reason) {
        talk();
        endReason = reason.wireName();
        assertThat(explain(WELL).causes()).singleElement().satisfies(cause -> {
            assertThat(cause.name()).isEqualTo("ended_" + reason.wireName());
            assertThat(cause.evidence()).first().asString().contains("+1:00.0", reason.wireName());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"requested", "caller_hung_up", "bot_ended", "transferred"})
    void ends_that_are_meant_are_none(String reason) {
        talk();
        endReason = reason;
        assertThat(explain(WELL).causes()).isEmpty();
    }

    @Test
    void nothing_from_the_caller_is_one_way_audio() {
        assertOnly("caller_not_heard", new Audio(1500, 1500, 0, 0, 0, 5, 0, 0, 0, 0, 0), "0 messages of the caller");
    }

    @Test
    void silence_from_the_caller_is_told_from_a_voice_that_nobody_noticed() {
        assertOnly("caller_silent", new Audio(1500, 1500, 0, 0, 0, 5, 3000, 0, 40, 0, 0), "loudest sample 40");
        assertOnly("caller_not_understood", WELL, "no user_started_speaking");
    }

    @Test
    void a_caller_who_was_noticed_was_heard() {
        mark(5_000, EventType.USER_STARTED_SPEAKING);
        assertThat(explain(new Audio(1500, 1500, 0, 0, 0, 5, 3000, 0, 40, 0, 0)).causes())
                .isEmpty();
    }

    @Test
    void a_bot_that_spoke_and_was_not_heard_is_told_from_one_that_said_nothing() {
        mark(5_000, EventType.USER_STARTED_SPEAKING);
        Audio mute = new Audio(0, 3000, 0, 0, 0, 5, 3000, 0, 9_000, 0, 0);
        assertOnly("bot_silent", mute, "0 frames of the bot");
        mark(6_000, EventType.BOT_STARTED_SPEAKING);
        assertOnly("bot_not_heard", mute, "+0:06.0 bot_started_speaking");
    }

    @Test
    void a_rate_that_cannot_be_converted_is_named() {
        mark(5_000, EventType.USER_STARTED_SPEAKING);
        assertOnly("bot_not_heard", new Audio(0, 3000, 0, 0, 0, 5, 3000, 0, 9_000, 0, 96_000), "96000 Hz");
    }

    @Test
    void gaps_and_concealment_are_a_broken_voice() {
        talk();
        assertOnly("broken_voice", new Audio(1500, 1500, 3, 3, 0, 5, 3000, 0, 9_000, 0, 0), "3 underruns");
        assertOnly("broken_voice", new Audio(1500, 1500, 30, 0, 0, 5, 3000, 0, 9_000, 0, 0), "30 frames made up");
        assertThat(explain(new Audio(1500, 1500, 29, 2, 0, 5, 3000, 0, 9_000, 0, 0))
                        .causes())
                .isEmpty();
    }

    @Test
    void gaps_are_counted_by_the_minute() {
        talk();
        assertThat(explain(new Audio(15_000, 1500, 0, 9, 0, 5, 30_000, 0, 9_000, 0, 0))
                        .causes())
                .isEmpty();
    }

    @Test
    void our_own_lateness_is_ours() {
        talk();
        assertOnly("late_frames", new Audio(1500, 1500, 0, 0, 1, 80, 3000, 0, 9_000, 0, 0), "80 ms after its time");
        assertThat(explain(new Audio(1500, 1500, 0, 0, 0, 59, 3000, 0, 9_000, 0, 0))
                        .causes())
                .isEmpty();
    }

    @Test
    void what_was_thrown_away_is_told() {
        talk();
        assertOnly("voice_dropped", new Audio(1500, 1500, 0, 0, 0, 5, 3000, 0, 9_000, 700, 0), "700 ms");
        assertOnly("caller_discarded", new Audio(1500, 1500, 0, 0, 0, 5, 2900, 100, 9_000, 0, 0), "100 messages");
        assertOnly("few_frames", new Audio(1500, 1500, 0, 0, 0, 5, 1400, 0, 9_000, 0, 0), "2950 were to be expected");
    }

    @Test
    void interruptions_at_once_and_without_words_are_an_echo() {
        talk();
        for (int i = 0; i < 3; i++) {
            mark(20_000 + 3_000L * i, EventType.BOT_STARTED_SPEAKING);
            mark(20_400 + 3_000L * i, EventType.USER_STARTED_SPEAKING);
            mark(20_500 + 3_000L * i, EventType.BOT_INTERRUPTED);
        }
        assertOnly("echo", WELL, "+0:23.5 bot_interrupted");
    }

    @Test
    void a_caller_who_interrupts_with_words_is_no_echo() {
        talk();
        for (int i = 0; i < 5; i++) {
            mark(20_000 + 3_000L * i, EventType.BOT_STARTED_SPEAKING);
            mark(20_500 + 3_000L * i, EventType.BOT_INTERRUPTED);
            mark(21_500 + 3_000L * i, EventType.MESSAGE_USER_TRANSCRIPTION);
        }
        assertThat(explain(WELL).causes()).isEmpty();
    }

    @Test
    void an_interruption_late_in_a_sentence_is_no_echo() {
        talk();
        for (int i = 0; i < 5; i++) {
            mark(20_000 + 5_000L * i, EventType.BOT_STARTED_SPEAKING);
            mark(21_501 + 5_000L * i, EventType.BOT_INTERRUPTED);
        }
        assertThat(explain(WELL).causes()).isEmpty();
    }

    @Test
    void silence_after_the_caller_had_finished_is_dead_air() {
        talk();
        mark(20_000, EventType.USER_STOPPED_SPEAKING);
        mark(26_000, EventType.BOT_STARTED_SPEAKING);
        assertOnly("dead_air", WELL, "+0:20.0 silence for 6.0 s");
    }

    @Test
    void silence_to_the_end_is_dead_air_and_a_caller_who_goes_on_is_not() {
        talk();
        mark(20_000, EventType.USER_STOPPED_SPEAKING);
        mark(25_000, EventType.USER_STARTED_SPEAKING);
        mark(28_000, EventType.USER_STOPPED_SPEAKING);
        assertOnly("dead_air", WELL, "+0:28.0 silence for 32.0 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"end_of_turn_ms:1600", "stt_ms:1100", "llm_ttfb_ms:1600", "tts_ttfb_ms:1100"})
    void the_slow_part_is_named(String figure) {
        talk();
        String[] parts = figure.split(":", -1);
        turns.add(turn(1, Map.of(parts[0], Long.valueOf(parts[1]), "first_frame_ms", 2_000L)));
        turns.add(turn(2, Map.of(parts[0], 100L, "first_frame_ms", 800L)));
        assertOnly(
                "slow_" + parts[0].substring(0, parts[0].indexOf('_')), WELL, "turn 1: " + parts[1] + " ms, more than");
    }

    @Test
    void one_slow_turn_of_many_spoils_a_call_only_if_the_answer_was_late() {
        talk();
        for (int number = 1; number <= 5; number++) {
            turns.add(turn(number, Map.of("llm_ttfb_ms", 100L)));
        }
        turns.set(0, turn(1, Map.of("llm_ttfb_ms", 1_600L, "first_frame_ms", 2_500L)));
        assertThat(explain(WELL).causes()).isEmpty();
        turns.set(0, turn(1, Map.of("llm_ttfb_ms", 1_600L, "first_frame_ms", 3_500L)));
        assertOnly("slow_llm", WELL, "1600 ms");
    }

    @Test
    void a_late_answer_without_a_slow_part_is_told_with_its_steps() {
        talk();
        turns.add(turn(1, Map.of("first_frame_ms", 3_400L, "first_token_ms", 1_300L)));
        assertOnly("slow_answers", WELL, "first sound after 3400 ms, first token at 1300");
    }

    @Test
    void a_lost_runner_and_a_failed_provider_are_quoted() {
        talk();
        mark(30_000, EventType.RUNNER_LOST, Map.of("attempt", 1L, "reason", "link_lost"));
        mark(32_500, EventType.RUNNER_REPLACED, Map.of("attempt", 1L, "took_ms", 2_500L));
        Map<String, Object> failure = Map.of(
                "source", "runner", "part", "llm", "provider", "openai", "kind", "rate_limit", "action", "retried");
        mark(40_000, EventType.ERROR_REPORTED, failure);
        List<Cause> causes = explain(WELL).causes();
        assertThat(causes).extracting(Cause::name).containsExactly("runner_restarted", "provider_errors");
        assertThat(causes.getFirst().evidence())
                .containsExactly("+0:30.0 runner_lost: link_lost", "+0:32.5 runner_replaced, silence for 2500 ms");
        assertThat(causes.getLast().evidence()).containsExactly("+0:40.0 runner llm openai rate_limit retried");
    }

    @Test
    void slow_and_failed_tools_are_a_hint() {
        talk();
        mark(30_000, EventType.TOOL_CALL_FINISHED, Map.of("name", "book", "succeeded", false, "took_ms", 900L));
        mark(40_000, EventType.TOOL_CALL_FINISHED, Map.of("name", "find", "succeeded", true, "took_ms", 100L));
        assertOnly("tools", WELL, "+0:30.0 tool book failed after 900 ms");
    }

    @Test
    void a_call_whose_daemon_died_says_that_nothing_is_kept() {
        endReason = "host_lost";
        Evidence call = new Evidence(ID.toString(), "ended", "host_lost", MINUTE, List.of(), List.of(), null);
        assertThat(Explanation.of(call, false).causes()).extracting(Cause::name).containsExactly("ended_host_lost");
        Evidence odd = new Evidence(ID.toString(), "ended", "requested", MINUTE, List.of(), List.of(), null);
        assertThat(Explanation.of(odd, false).text()).contains("is not kept");
    }

    @Test
    void evidence_is_read_from_what_the_api_answers() {
        ObjectNode all = JsonMapper.shared().createObjectNode();
        all.putObject("pipecatcall")
                .put("id", ID.toString())
                .put("status", "ended")
                .put("end_reason", "idle")
                .put("tm_create", "2026-01-01T00:00:00.000000Z")
                .put("tm_end", "2026-01-01T00:01:00.500000Z");
        all.putArray("messages")
                .addObject()
                .put("speaker", "bot")
                .put("text", "hi")
                .put("tm_said", "2026-01-01T00:00:02.000000Z");
        all.putArray("turns")
                .addObject()
                .put("number", 3)
                .put("tm_caller_stopped", "2026-01-01T00:00:10.000000Z")
                .put("first_frame_ms", 700);
        Mark mark = new Mark(1_000, EventType.BOT_INTERRUPTED, Map.of("heard_ms", 5L));
        CallReport report = new CallReport(ID, Instant.EPOCH, WELL, List.of(mark), 0);
        all.set("report", JsonMapper.shared().valueToTree(CallReportWire.toMap(report)));
        Evidence call = Evidence.of(all);
        assertThat(call)
                .isEqualTo(new Evidence(
                        ID.toString(),
                        "ended",
                        "idle",
                        60_500,
                        List.of(new Said(2_000, "bot", "hi")),
                        List.of(new TurnTimes(3, 10_000, Map.of("first_frame_ms", 700L))),
                        report));
    }

    private void assertOnly(String name, Audio audio, String evidence) {
        assertThat(explain(audio).causes()).singleElement().satisfies(cause -> {
            assertThat(cause.name()).isEqualTo(name);
            assertThat(String.join("\n", cause.evidence())).contains(evidence);
            assertThat(cause.remedy()).isNotEmpty();
        });
    }

    /** Both said something. */
    private void talk() {
        mark(2_000, EventType.BOT_STARTED_SPEAKING);
        mark(4_000, EventType.BOT_STOPPED_SPEAKING);
        mark(5_000, EventType.USER_STARTED_SPEAKING);
        mark(6_000, EventType.USER_STOPPED_SPEAKING);
        mark(7_000, EventType.MESSAGE_USER_TRANSCRIPTION);
        mark(7_500, EventType.BOT_STARTED_SPEAKING);
        mark(9_500, EventType.BOT_STOPPED_SPEAKING);
    }

    private void mark(long atMillis, EventType type) {
        mark(atMillis, type, Map.of());
    }

    private void mark(long atMillis, EventType type, Map<String, Object> details) {
        marks.add(new Mark(atMillis, type, details));
    }

    private static TurnTimes turn(long number, Map<String, Long> millis) {
        return new TurnTimes(number, 10_000 * number, millis);
    }

    private Explanation explain(Audio audio) {
        return Explanation.of(evidence(audio, List.of()), false);
    }

    private Evidence evidence(@Nullable Audio audio, List<Said> said) {
        CallReport report = new CallReport(ID, Instant.EPOCH, audio, marks, 0);
        return new Evidence(ID.toString(), "ended", endReason, MINUTE, said, turns, report);
    }
}
