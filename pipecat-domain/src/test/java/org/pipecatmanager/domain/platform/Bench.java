package org.pipecatmanager.domain.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pipecatmanager.domain.engine.Preparation.Prepared;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.FakeAiManager;
import org.pipecatmanager.ports.fake.FakeCallManager;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.testing.VirtualClock;

/** A preparation with stand-ins for the other services, and values to give them. */
final class Bench implements SessionMeter {
    static final UUID TELEPHONE = SequentialIds.id(501);
    static final UUID AI_CALL = SequentialIds.id(502);
    static final UUID AI = SequentialIds.id(503);
    static final UUID TEAM = SequentialIds.id(504);
    static final SessionLimits LIMITS = SessionLimits.DEFAULTS.withLegTimeout(Duration.ofSeconds(7));

    final VirtualClock clock = new VirtualClock();
    final FakeAiManager ai = new FakeAiManager();
    final List<String> metered = new ArrayList<>();
    private final FakeCallManager telephones = new FakeCallManager();
    private final ToolCatalog catalog = new ToolCatalog(ai, clock, (name, task) -> task.run());

    Bench() {
        telephoneIs("progressing");
    }

    /** The catalogue has these tools. */
    void offer(String... tools) {
        ai.answerTools(() -> Arrays.stream(tools).map(Bench::tool).toList());
        catalog.start();
    }

    void telephoneIs(String status) {
        telephones.add(new PlatformCall(TELEPHONE, status));
    }

    Prepared prepare(Pipecatcall call) {
        return prepare(call, Threads.VIRTUAL);
    }

    Prepared prepare(Pipecatcall call, Threads threads) {
        return new PlatformPreparation(
                        telephones, ai, catalog, new PlatformDefaults(LIMITS, AudioPlan.DEFAULT), this, clock, threads)
                .prepare(call);
    }

    static ToolDefinition tool(String name) {
        return new ToolDefinition(name, "does " + name, Map.of(), false, false, null);
    }

    /** A start for a telephone call or for a conversation. */
    static Pipecatcall call(ReferenceType type, String sttType) {
        UUID reference = type == ReferenceType.CALL ? TELEPHONE : AI_CALL;
        return Pipecatcall.accepted(
                new StartCommand(
                        Calls.id(1),
                        Ids.ZERO,
                        Ids.ZERO,
                        type,
                        reference,
                        "openai.gpt-5",
                        List.of(),
                        sttType,
                        "",
                        "",
                        "",
                        "",
                        ""),
                "10.0.0.1",
                VirtualClock.START);
    }

    /** A conversation on the telephone with a single assistant. */
    static AiCall voice() {
        return new AiCall(AI_CALL, "ai", AI, "call", TELEPHONE, Ids.ZERO, Map.of("stop_secs", 0.4), true);
    }

    /** A conversation in text with a single assistant. */
    static AiCall text() {
        return new AiCall(AI_CALL, "ai", AI, "conversation", TELEPHONE, Ids.ZERO, Map.of(), false);
    }

    /** An assistant that has knowledge to search. */
    static Ai assistant(UUID id, String type, String... toolNames) {
        return assistant(id, type, SequentialIds.id(600), "", toolNames);
    }

    static Ai assistant(UUID id, String type, UUID ragId, String sttType, String... toolNames) {
        return new Ai(
                id,
                type,
                "openai.gpt-5",
                Secret.of("key-of-" + id),
                Map.of("temperature", 0.2),
                ragId,
                "Be kind.",
                "",
                "",
                sttType,
                Map.of(),
                false,
                List.of(toolNames));
    }

    static List<String> names(List<ToolDefinition> tools) {
        return tools.stream().map(ToolDefinition::name).toList();
    }

    @Override
    public void toolResolveFellBack() {
        metered.add("fell back");
    }

    @Override
    public void unknownAiTypeDenied(String type) {
        metered.add("denied '" + type + "'");
    }
}
