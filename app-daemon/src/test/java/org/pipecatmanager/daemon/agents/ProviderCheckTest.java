package org.pipecatmanager.daemon.agents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.SessionLimits;

class ProviderCheckTest {
    private static final Map<String, List<Map<String, Object>>> PROVIDERS = Map.of(
            "llm",
                    List.of(
                            Map.of("name", "openai", "installed", true, "configured", false, "missing", List.of("KEY")),
                            Map.of("name", "gemini", "aliases", List.of("google"), "installed", true)),
            "stt", List.of(Map.of("name", "whisper", "installed", false, "extra", "offline")),
            "tts", List.of(Map.of("name", "piper")));

    private static List<String> complaints(String agents) {
        return ProviderCheck.complaints(
                AgentsFile.parse("agents: " + agents, Map.of(), SessionLimits.DEFAULTS), PROVIDERS);
    }

    @Test
    void what_the_runner_has_is_fine_under_each_of_its_names() {
        assertThat(complaints("{a: {bot: assistant, llm: {type: google}, tts: {type: piper}}, b: {bot: echo}}"))
                .isEmpty();
        assertThat(complaints("{a: {bot: assistant, llm: {type: openai, api_key: k}}}"))
                .isEmpty();
    }

    @Test
    void what_it_does_not_know_lacks_or_cannot_reach_is_told_with_its_place_and_the_way_out() {
        assertThat(complaints("""
                        {a: {bot: assistant, llm: {type: openai, fallback: [{type: gemni}]}, stt: {type: whisper},
                         team: {start: m, members: {m: {tts: {type: pipr}}}}}}
                        """))
                .satisfiesExactly(
                        key -> assertThat(key).contains("agents.a.llm: openai lacks [KEY]"),
                        unknown -> assertThat(unknown)
                                .contains("agents.a.llm.fallback[0].type is 'gemni'", "did you mean 'gemini'?"),
                        extra -> assertThat(extra).contains("agents.a.stt: whisper", "dev/python-setup.sh offline"),
                        member -> assertThat(member).contains("agents.a.team.members.m.tts.type is 'pipr'"));
    }

    @Test
    void a_runner_that_lists_nothing_is_not_complained_about() {
        assertThat(ProviderCheck.complaints(
                        AgentsFile.parse(
                                "agents: {a: {bot: assistant, llm: {type: x}}}", Map.of(), SessionLimits.DEFAULTS),
                        Map.of()))
                .isEmpty();
    }
}
