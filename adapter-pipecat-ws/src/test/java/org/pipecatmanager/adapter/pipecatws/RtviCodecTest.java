package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.adapter.pipecatws.RtviCodec.Reading;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.RunnerMessage.BotOutput;
import org.pipecatmanager.ports.model.TurnMetrics.Sample;
import tools.jackson.databind.json.JsonMapper;

class RtviCodecTest {
    private static Reading read(String type, String data) {
        return RtviCodec.decode("{\"label\":\"rtvi-ai\",\"type\":\"" + type + "\",\"data\":" + data + "}");
    }

    private static RunnerMessage understood(String type, String data) {
        assertThat(read(type, data)).isInstanceOf(Reading.Understood.class);
        return ((Reading.Understood) read(type, data)).message();
    }

    @Test
    void texts_of_both_sides_are_understood() {
        assertThat(understood(
                        "user-transcription",
                        "{\"text\":\"hel\",\"user_id\":\"\",\"timestamp\":\"t\",\"final\":false}"))
                .isEqualTo(new RunnerMessage.UserTranscription("hel", false));
        assertThat(understood("user-transcription", "{\"text\":\"hello\",\"final\":true}"))
                .isEqualTo(new RunnerMessage.UserTranscription("hello", true));
        assertThat(understood("user-llm-text", "{\"text\":\"hello\"}"))
                .isEqualTo(new RunnerMessage.UserLlmText("hello"));
        assertThat(understood("bot-transcription", "{\"text\":\"hi\"}"))
                .isEqualTo(new RunnerMessage.BotTranscription("hi"));
        assertThat(understood("bot-llm-text", "{\"text\":\"h\"}")).isEqualTo(new RunnerMessage.BotLlmText("h"));
    }

    @Test
    void messages_without_data_are_understood() {
        assertThat(understood("bot-llm-started", "null")).isEqualTo(new RunnerMessage.BotLlmStarted());
        assertThat(understood("bot-llm-stopped", "null")).isEqualTo(new RunnerMessage.BotLlmStopped());
        assertThat(understood("user-started-speaking", "null")).isEqualTo(new RunnerMessage.UserStartedSpeaking());
        assertThat(understood("user-stopped-speaking", "null")).isEqualTo(new RunnerMessage.UserStoppedSpeaking());
        assertThat(understood("bot-started-speaking", "null")).isEqualTo(new RunnerMessage.BotStartedSpeaking());
        assertThat(understood("bot-stopped-speaking", "null")).isEqualTo(new RunnerMessage.BotStoppedSpeaking());
        assertThat(understood("bot-ready", "{\"version\":\"2.2.0\"}")).isEqualTo(new RunnerMessage.BotReady("2.2.0"));
    }

    @Test
    void bot_output_tells_how_much_of_a_sentence_was_heard() {
        assertThat(understood("bot-output", "{\"text\":\"One two.\",\"segment_id\":\"s1\",\"spoken_status\":\"new\"}"))
                .isEqualTo(new BotOutput("s1", "One two.", "", false));
        assertThat(understood(
                        "bot-output",
                        "{\"text\":\"One two.\",\"segment_id\":\"s1\",\"spoken_status\":\"in-progress\","
                                + "\"spoken_progress\":{\"accumulated_text\":\"One\",\"remaining_text\":\"two.\"}}"))
                .isEqualTo(new BotOutput("s1", "One two.", "One", false));
        assertThat(understood("bot-output", "{\"text\":\"One two.\",\"segment_id\":7,\"spoken_status\":\"completed\"}"))
                .isEqualTo(new BotOutput("7", "One two.", "One two.", true));
        assertThat(read("bot-output", "{\"text\":\"One two.\",\"spoken\":true}"))
                .isEqualTo(new Reading.Unused());
    }

    @Test
    void tool_calls_are_told_by_id_and_name() {
        assertThat(understood(
                        "llm-function-call-in-progress",
                        "{\"tool_call_id\":\"t1\",\"function_name\":\"weather\",\"arguments\":{\"city\":\"Oslo\"}}"))
                .isEqualTo(new RunnerMessage.ToolCallInProgress("t1", "weather"));
        assertThat(understood("llm-function-call-stopped", "{\"tool_call_id\":\"t1\",\"cancelled\":true}"))
                .isEqualTo(new RunnerMessage.ToolCallStopped("t1", "", true));
    }

    @Test
    void metrics_of_every_shape_become_samples() {
        assertThat(understood(
                        "metrics",
                        "{\"ttfb\":[{\"processor\":\"tts\",\"model\":\"m\",\"value\":0.25}],"
                                + "\"ttfa\":[{\"processor\":\"tts\",\"ttfa\":0.5,\"ttfb\":0.25,\"leading_silence\":0.1}],"
                                + "\"tokens\":[{\"prompt_tokens\":12,\"completion_tokens\":3,\"total_tokens\":15}],"
                                + "\"stt_usage\":[{\"processor\":\"stt\",\"value\":{\"audio_seconds\":1.5}}],"
                                + "\"characters\":[{\"processor\":\"tts\",\"value\":40}]}"))
                .isEqualTo(new RunnerMessage.Metrics(List.of(
                        new Sample("ttfb", "tts", 0.25),
                        new Sample("ttfa", "tts", 0.5),
                        new Sample("prompt_tokens", "", 12),
                        new Sample("completion_tokens", "", 3),
                        new Sample("total_tokens", "", 15),
                        new Sample("audio_seconds", "stt", 1.5),
                        new Sample("characters", "tts", 40))));
    }

    @Test
    void errors_say_whether_they_are_fatal() {
        assertThat(understood("error", "{\"error\":\"no key\",\"fatal\":true}"))
                .isEqualTo(new RunnerMessage.PipelineError("no key", true));
        assertThat(understood("error-response", "{\"error\":\"unsupported\"}"))
                .isEqualTo(new RunnerMessage.PipelineError("unsupported", false));
    }

    @ParameterizedTest
    @CsvSource({
        "bot_ended,BOT_ENDED",
        "idle,IDLE",
        "transferred,TRANSFERRED",
        "runner_lost,RUNNER_LOST",
        "host_lost,BOT_ENDED",
        "invented,BOT_ENDED"
    })
    void an_ending_the_runner_may_not_give_counts_as_the_bots(String reason, EndReason expected) {
        assertThat(understood(
                        "server-message",
                        "{\"t\":\"call-ending\",\"d\":{\"reason\":\"" + reason + "\",\"message\":\"m\"}}"))
                .isEqualTo(new RunnerMessage.CallEnding(expected, "m"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"ago_ms\":240}|240", "{\"ago_ms\":-1}|0", "{\"ago_ms\":3600000}|10000", "{}|0", "7|0"})
    void a_silence_is_as_old_as_the_runner_says_within_reason(String detail, long millis) {
        assertThat(understood("server-message", "{\"t\":\"vad-stopped\",\"d\":" + detail + "}"))
                .isEqualTo(new RunnerMessage.VoiceStopped(millis));
    }

    private static RunnerMessage server(String type, String detail) {
        return understood("server-message", "{\"t\":\"" + type + "\",\"d\":" + detail + "}");
    }

    @Test
    void a_providers_failure_is_understood_and_what_is_not_said_is_empty() {
        assertThat(server(
                        "provider-error",
                        "{\"part\":\"llm\",\"provider\":\"openai\",\"kind\":\"rate_limit\",\"action\":\"switched\","
                                + "\"to\":\"groq\",\"message\":\"429\"}"))
                .isEqualTo(new RunnerMessage.ProviderError(
                        new ProviderFailure("llm", "openai", "rate_limit", "switched", "groq"), "429"));
        assertThat(server("provider-error", "{}"))
                .isEqualTo(new RunnerMessage.ProviderError(new ProviderFailure("", "", "", "", ""), ""));
    }

    @Test
    void a_context_is_understood_as_plain_maps_in_their_order() {
        assertThat(server(
                        "context",
                        "{\"from\":3,\"member\":\"sales\",\"messages\":[7,{\"role\":\"assistant\",\"content\":null,"
                                + "\"tool_calls\":[{\"id\":\"t1\"}]},{\"role\":\"tool\",\"tool_call_id\":\"t1\"}]}"))
                .isInstanceOfSatisfying(RunnerMessage.Context.class, context -> {
                    assertThat(context.from()).isEqualTo(3);
                    assertThat(context.member()).isEqualTo("sales");
                    assertThat(JsonMapper.shared().writeValueAsString(context.messages()))
                            .isEqualTo("[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"t1\"}]},"
                                    + "{\"role\":\"tool\",\"tool_call_id\":\"t1\"}]");
                });
        assertThat(server("context", "{\"from\":-3,\"messages\":[]}"))
                .isEqualTo(new RunnerMessage.Context(0, List.of(), ""));
        assertThat(read("server-message", "{\"t\":\"context\",\"d\":{\"messages\":7}}"))
                .isEqualTo(new Reading.Unused());
    }

    @Test
    void an_estimate_names_its_sentence() {
        assertThat(server("paused", "{}")).isEqualTo(new RunnerMessage.BotPaused());
        assertThat(server("heard-estimated", "{\"segment_id\":\"s1\"}"))
                .isEqualTo(new RunnerMessage.HeardEstimated("s1"));
    }

    @Test
    void what_means_nothing_to_us_is_unused() {
        assertThat(read("bot-tts-started", "null")).isEqualTo(new Reading.Unused());
        assertThat(read("server-message", "{\"t\":\"other\"}")).isEqualTo(new Reading.Unused());
        assertThat(read("invented-tomorrow", "[1]")).isEqualTo(new Reading.Unused());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "nonsense", "{\"label\":\"rtvi-ai\",\"type\":"})
    void text_that_is_not_json_is_ignored_as_such(String text) {
        assertThat(RtviCodec.decode(text)).isIn(new Reading.Ignored("bad_json"), new Reading.Ignored("foreign_label"));
    }

    @Test
    void other_labels_and_missing_keys_are_ignored_by_name() {
        assertThat(RtviCodec.decode("{\"label\":\"x\",\"type\":\"bot-llm-started\"}"))
                .isEqualTo(new Reading.Ignored("foreign_label"));
        assertThat(RtviCodec.decode("[]")).isEqualTo(new Reading.Ignored("foreign_label"));
        assertThat(read("bot-llm-text", "{}")).isEqualTo(new Reading.Ignored("incomplete_message"));
        assertThat(read("bot-llm-text", "{\"text\":5}")).isEqualTo(new Reading.Ignored("incomplete_message"));
    }

    @Test
    void commands_are_written_as_pipecat_reads_them() {
        assertJson(
                RtviCodec.encode(new RunnerCommand.ClientReady(), "d1"),
                "{\"label\":\"rtvi-ai\",\"type\":\"client-ready\",\"id\":\"d1\","
                        + "\"data\":{\"version\":\"2.2.0\",\"about\":{\"library\":\"pipecat-manager\"}}}");
        assertJson(
                RtviCodec.encode(new RunnerCommand.SendText("say \"hi\"", false, true), "d2"),
                "{\"label\":\"rtvi-ai\",\"type\":\"send-text\",\"id\":\"d2\",\"data\":{\"content\":\"say \\\"hi\\\"\","
                        + "\"options\":{\"run_immediately\":false,\"audio_response\":true}}}");
        assertJson(
                RtviCodec.encode(new RunnerCommand.PressKey('#'), "d3"),
                "{\"label\":\"rtvi-ai\",\"type\":\"dtmf\",\"id\":\"d3\",\"data\":{\"buttons\":[\"#\"]}}");
        assertThat(RtviCodec.encode(new RunnerCommand.Interrupt(), "d4")).isNull();
        assertJson(
                RtviCodec.encodeFlushed(100, 60, 500),
                "{\"label\":\"rtvi-ai\",\"type\":\"client-message\",\"id\":\"p\",\"data\":{\"t\":\"playout\",\"d\":{\"pos_ms\":160,"
                        + "\"limit_ms\":500,\"queued_ms\":0,\"event\":\"flushed\",\"at_ms\":100,\"dropped_ms\":60}}}");
    }

    private static void assertJson(@org.jspecify.annotations.Nullable String actual, String expected) {
        assertThat(actual).isNotNull();
        assertThat(JsonMapper.shared().readTree(actual))
                .isEqualTo(JsonMapper.shared().readTree(expected));
    }
}
