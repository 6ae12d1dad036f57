package org.pipecatmanager.daemon.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.RecordingMode;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.ConfigurationException;

class AgentsFileTest {
    private static final Path EXAMPLE = Path.of("..", "config", "agents.yaml");

    @Test
    void the_annotated_example_is_read_whole() {
        AgentCatalog catalog = AgentsFile.load(EXAMPLE, Map.of("BALANCE_TOKEN", "tiger"), SessionLimits.DEFAULTS);
        assertThat(catalog.names()).containsExactly("echo", "hotline", "reception", "tone");
        Agent reception = catalog.defaultAgent().orElseThrow();
        assertThat(reception.name()).isEqualTo("reception");
        assertThat(section(reception, "llm"))
                .containsEntry("type", "openai_compatible")
                .containsEntry("base_url", "https://api.openai.com/v1")
                .containsEntry("temperature", 0.3)
                .containsEntry("max_tokens", 300)
                .doesNotContainKey("api_key");
        assertThat(section(reception, "stt")).containsEntry("model", "tiny.en");
        assertThat(section(reception, "tts")).containsEntry("voice", "en_US-joe-medium");
        assertThat(section(reception, "vad")).containsEntry("stop_secs", 0.2);
        assertThat(section(reception, "turn")).containsEntry("stop", "smart");
        assertThat(reception.audio().windowMillis()).isEqualTo(400);
        assertThat(reception.limits().idleTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(reception.listen()).isNull();
        assertThat(reception.recording()).isEqualTo(RecordingMode.OFF);
        assertThat(section(reception, "turn"))
                .containsEntry("barge_in", "voice")
                .containsEntry("barge_in_words", 3);
        assertThat(section(reception, "dtmf")).containsEntry("terminator", "#");
        assertThat(section(reception, "idle")).containsEntry("reminders", List.of("Are you still there?"));
        assertThat(section(reception, "failure")).containsKeys("sentence", "unheard", "goodbye", "resumed");
        assertThat(section(reception, "waiting")).containsEntry("every_secs", 8.0);
        assertThat(reception.tools())
                .extracting(ToolDefinition::name)
                .containsExactly("account_balance", "put_through", "hang_up", "send_dtmf");
        assertThat(reception.tools().get(1).conduct().ending()).isEqualTo(ToolDefinition.Ending.TRANSFER);
        var webhook = Objects.requireNonNull(reception.tools().getFirst().webhook());
        assertThat(webhook.headers()).containsEntry("Authorization", Secret.of("Bearer tiger"));
        assertThat(webhook.retries()).isEqualTo(1);
        assertThat(reception.tools().getLast().builtin()).isTrue();
        assertThat(section(catalog.find("tone").orElseThrow(), "tone")).containsEntry("hz", 440.0);
        Agent hotline = catalog.find("hotline").orElseThrow();
        assertThat(section(hotline, "team")).containsEntry("start", "reception");
        assertThat(String.valueOf(section(hotline, "team").get("members")))
                .contains("id=reception", "function_name=to_billing", "tools=[hang_up]", "tools=[]");
        assertThat((List<?>) section(hotline, "llm").get("fallback")).hasSize(1);
    }

    @Test
    void what_a_provider_alone_knows_is_handed_on() {
        AgentCatalog catalog = read("""
                agents:
                  a:
                    bot: assistant
                    llm: {type: azure, region: westeurope, options: {api_version: "2025-01-01", extra: [1, 2]}}
                    tts: {type: cartesia, base_url: "ws://127.0.0.1:9/tts", fallback: [{type: piper}]}
                """, Map.of());
        Agent agent = catalog.find("a").orElseThrow();
        assertThat(section(agent, "llm"))
                .containsEntry("options", Map.of("api_version", "2025-01-01", "extra", List.of(1, 2)));
        assertThat(section(agent, "tts")).containsEntry("fallback", List.of(Map.of("type", "piper")));
        assertThat(agent.hears()).isFalse();
        assertThat(agent.speaks()).isTrue();
    }

    @Test
    void a_model_that_speaks_itself_needs_no_ears_and_no_voice() {
        Agent agent = read("agents: {a: {bot: assistant, llm: {type: openai_realtime}}}", Map.of())
                .find("a")
                .orElseThrow();
        assertThat(agent.hears()).isTrue();
        assertThat(agent.speaks()).isTrue();
    }

    @Test
    void what_is_wrong_in_a_team_or_a_fallback_is_told_with_its_place() {
        assertThat(problems("""
                        agents:
                          a:
                            bot: assistant
                            stt: {type: whisper, fallback: [{model: x}, {type: deepgram, fallback: []}]}
                            turn: {barge_in: "yes", backchannels: [{a: 1}]}
                            tools: [{name: hang_up, builtin: true}]
                            team:
                              start: desc
                              members:
                                desk:
                                  promt: hello
                                  tools: [hangup]
                                  transitions: [{to: sales}, {function_name: "to desk", to: desk}]
                        """))
                .anyMatch(problem -> problem.contains("agents.a.stt.fallback[0].type is missing"))
                .anyMatch(problem -> problem.contains("agents.a.stt.fallback[1].fallback is no setting"))
                .anyMatch(problem -> problem.contains("agents.a.turn.barge_in is 'yes'"))
                .anyMatch(problem -> problem.contains("agents.a.turn.backchannels"))
                .anyMatch(problem -> problem.contains("agents.a.team.start is 'desc'") && problem.contains("'desk'?"))
                .anyMatch(problem -> problem.contains("agents.a.team.members.desk.promt"))
                .anyMatch(problem -> problem.contains("agents.a.team.members.desk.tools names 'hangup'"))
                .anyMatch(problem -> problem.contains("agents.a.team.members.desk.transitions[0].to is 'sales'"))
                .anyMatch(problem -> problem.contains("transitions[1].function_name is 'to desk'"))
                .hasSize(9);
    }

    @Test
    void a_call_is_recorded_only_where_its_agent_says_so() {
        AgentCatalog catalog = read("agents: {a: {bot: echo}, b: {bot: echo, recording: stereo}}", Map.of());
        assertThat(catalog.find("a").orElseThrow().recording()).isEqualTo(RecordingMode.OFF);
        assertThat(catalog.find("b").orElseThrow().recording()).isEqualTo(RecordingMode.STEREO);
        assertThat(problems("agents: {a: {bot: echo, recording: mono}}"))
                .singleElement()
                .asString()
                .contains("agents.a.recording is 'mono'; use off or stereo");
    }

    @Test
    void the_environment_replaces_and_an_empty_listen_is_none() {
        AgentCatalog catalog = read("""
                agents:
                  line: {bot: tone, listen: "${WHERE:-}", tone: {hz: "${HZ:-100}"}}
                """, Map.of("HZ", "600"));
        assertThat(catalog.find("line").orElseThrow().listen()).isNull();
        assertThat(section(catalog.find("line").orElseThrow(), "tone")).containsEntry("hz", 600.0);
        assertThat(catalog.defaultAgent()).isEmpty();
    }

    @Test
    void an_api_key_is_a_secret() {
        AgentCatalog catalog =
                read("agents: {a: {bot: assistant, llm: {type: openai, api_key: \"${KEY}\"}}}", Map.of("KEY", "tiger"));
        Agent agent = catalog.find("a").orElseThrow();
        assertThat(section(agent, "llm")).containsEntry("api_key", Secret.of("tiger"));
        assertThat(section(agent, "llm").toString()).doesNotContain("tiger");
    }

    @Test
    void an_agent_without_limits_has_the_daemons() {
        SessionLimits daemons = SessionLimits.DEFAULTS.withIdleTimeout(Duration.ofSeconds(7));
        AgentCatalog catalog =
                AgentsFile.parse("agents: {a: {bot: echo, limits: {max_duration: 9s}}}", Map.of(), daemons);
        assertThat(catalog.find("a").orElseThrow().limits()).isEqualTo(daemons.withMaxDuration(Duration.ofSeconds(9)));
    }

    @Test
    void all_problems_are_reported_at_once_with_their_place() {
        List<String> problems = problems("""
                default_agent: recption
                agents:
                  reception:
                    bot: asistant
                  bank:
                    bot: assistant
                    promt: hello
                    llm: {type: openai, temperature: hot, base_url: nowhere, api_key: "${NOT_SET}"}
                    limits: {idle_timeout: 5 parsecs}
                    listen: 9093
                    tools:
                      - {name: two words, webhook: {url: "http://x/", retries: 9, headers: {Host: a}}}
                      - {name: dance, builtin: true}
                      - {name: look, parameters: {type: object, properties: {}, required: [where]}}
                """);
        assertThat(problems)
                .anySatisfy(problem -> assertThat(problem).contains("agents.reception.bot", "'assistant'"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.promt", "did you mean 'prompt'?"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.llm.temperature", "0 to 2"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.llm.base_url"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.llm.api_key", "NOT_SET is not set"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.limits.idle_timeout: ", "10m"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.listen", "host:port"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.tools[0].name", "two words"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.tools[0].webhook.retries", "0 to 3"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.tools[0].webhook.headers.Host"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.tools[1].builtin", "hang_up"))
                .anySatisfy(
                        problem -> assertThat(problem).contains("agents.bank.tools[2].parameters.required", "where"))
                .anySatisfy(problem -> assertThat(problem).contains("agents.bank.tools[2].webhook", "is missing"))
                .anySatisfy(problem -> assertThat(problem).contains("default_agent 'recption'"))
                .hasSize(14);
    }

    @Test
    void a_tool_name_and_a_port_belong_to_one() {
        assertThat(problems("""
                        agents:
                          a: {bot: echo, listen: "127.0.0.1:1"}
                          b: {bot: echo, listen: "127.0.0.1:1"}
                          c:
                            bot: assistant
                            llm: {type: openai}
                            tools: [{name: hang_up, builtin: true}, {name: hang_up, builtin: true}]
                        """))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("agents.b.listen"))
                .anyMatch(problem -> problem.contains("agents.c.tools[1].name"));
    }

    @Test
    void an_agent_given_twice_and_broken_yaml_are_told_with_their_line() {
        assertThat(problems("agents:\n  a: {bot: echo}\n  a: {bot: tone}\n"))
                .singleElement()
                .asString()
                .contains("line 3");
        assertThat(problems("agents: [")).singleElement().asString().contains("line");
    }

    @Test
    void a_missing_file_is_named_with_the_way_out() {
        assertThat(catchThrowableOfType(
                                ConfigurationException.class,
                                () -> AgentsFile.load(Path.of("no", "agents.yaml"), Map.of(), SessionLimits.DEFAULTS))
                        .problems())
                .singleElement()
                .asString()
                .contains("no/agents.yaml", "AGENTS_FILE");
    }

    private static Map<String, Object> section(Agent agent, String key) {
        Map<String, Object> section = new LinkedHashMap<>();
        agent.section(key).forEach((name, value) -> section.put(String.valueOf(name), value));
        return section;
    }

    private static AgentCatalog read(String text, Map<String, String> environment) {
        return AgentsFile.parse(text, environment, SessionLimits.DEFAULTS);
    }

    private static List<String> problems(String text) {
        return catchThrowableOfType(ConfigurationException.class, () -> read(text, Map.of()))
                .problems();
    }
}
