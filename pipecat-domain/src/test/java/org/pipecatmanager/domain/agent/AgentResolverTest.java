package org.pipecatmanager.domain.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;

class AgentResolverTest {
    private static SessionPlan plan(String bot, Map<String, Object> stt, Map<String, Object> tts, String sttType) {
        Map<String, Object> pipeline = new LinkedHashMap<>();
        if (!stt.isEmpty()) {
            pipeline.put("stt", stt);
        }
        if (!tts.isEmpty()) {
            pipeline.put("tts", tts);
        }
        Agent agent = Agent.of("a", bot).withPipeline(pipeline);
        StartCommand command = new StartCommand(
                new SequentialIds().nextCallId(),
                Ids.ZERO,
                Ids.ZERO,
                ReferenceType.NONE,
                Ids.ZERO,
                "",
                List.of(),
                sttType,
                "",
                "",
                "",
                "",
                "a");
        return AgentResolver.planOf(command, agent);
    }

    @Test
    void an_assistant_that_neither_hears_nor_speaks_needs_no_leg() {
        assertThat(plan("assistant", Map.of(), Map.of(), "").needsLeg()).isFalse();
        assertThat(plan("assistant", Map.of("type", "whisper"), Map.of(), "").needsLeg())
                .isTrue();
        assertThat(plan("assistant", Map.of(), Map.of("type", "piper"), "").needsLeg())
                .isTrue();
        assertThat(plan("assistant", Map.of(), Map.of(), "deepgram").needsLeg()).isTrue();
        assertThat(plan("tone", Map.of(), Map.of(), "").needsLeg()).isTrue();
    }

    @Test
    void only_who_hears_needs_the_input_socket() {
        assertThat(plan("assistant", Map.of(), Map.of("type", "piper"), "").needsInput())
                .isFalse();
        assertThat(plan("assistant", Map.of(), Map.of("type", "piper"), "deepgram")
                        .needsInput())
                .isTrue();
        assertThat(plan("assistant", Map.of("type", "whisper"), Map.of(), "").needsInput())
                .isTrue();
        assertThat(plan("echo", Map.of(), Map.of(), "").needsInput()).isTrue();
        assertThat(plan("tone", Map.of(), Map.of(), "").needsInput()).isFalse();
    }
}
