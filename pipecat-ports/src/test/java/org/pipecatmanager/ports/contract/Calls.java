package org.pipecatmanager.ports.contract;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Calls to test with; times are whole microseconds, as every store keeps them. */
public final class Calls {
    private Calls() {}

    /** The id of call {@code n}. */
    public static PipecatcallId id(long n) {
        return new PipecatcallId(SequentialIds.id(n));
    }

    /** Call {@code n}, just accepted, {@code n} seconds after the beginning, with every field of a start. */
    public static Pipecatcall starting(long n) {
        var command = new StartCommand(
                id(n),
                SequentialIds.id(1000 + n),
                SequentialIds.id(2000 + n),
                ReferenceType.AI_CALL,
                SequentialIds.id(3000 + n),
                "openai.gpt-4o",
                List.of(Map.of("role", "user", "content", "\"Grüße\" \\ 😀"), Map.of("tool_calls", List.of("a", true))),
                "deepgram",
                "en-US",
                "cartesia",
                "en",
                "voice-1",
                "reception");
        return Pipecatcall.accepted(command, "10.0.0.7", at(n));
    }

    /** Call {@code n} with nothing given but its id. */
    public static Pipecatcall bare(long n) {
        return Pipecatcall.accepted(StartCommand.ofAgent(id(n), ""), "local", at(n));
    }

    /** Call {@code n}, over. */
    public static Pipecatcall ended(long n) {
        return starting(n).withStatus(PipecatcallStatus.ENDED, EndReason.REQUESTED, at(n + 1));
    }

    /** The same call, created at another moment. */
    public static Pipecatcall createdAt(Pipecatcall call, Instant created) {
        var command = new StartCommand(
                call.id(),
                call.customerId(),
                Ids.ZERO,
                call.referenceType(),
                call.referenceId(),
                "",
                List.of(),
                "",
                "",
                "",
                "",
                "",
                call.agent());
        return Pipecatcall.accepted(command, call.hostId(), created);
    }

    /** The same call with other messages to the model and another voice. */
    public static Pipecatcall with(Pipecatcall call, List<Map<String, Object>> llmMessages, String voice) {
        return new Pipecatcall(
                call.id(),
                call.customerId(),
                call.activeflowId(),
                call.referenceType(),
                call.referenceId(),
                call.hostId(),
                call.llmType(),
                llmMessages,
                call.sttType(),
                call.sttLanguage(),
                call.ttsType(),
                call.ttsLanguage(),
                voice,
                call.status(),
                call.endReason(),
                call.agent(),
                call.created(),
                call.updated(),
                call.deleted(),
                call.ended());
    }

    /** Call {@code n} as an implementation writes it that knows neither status nor times. */
    public static Pipecatcall ofAnotherImplementation(long n) {
        return other(n, null);
    }

    /** Call {@code n}, marked as deleted. */
    public static Pipecatcall deleted(long n) {
        return other(n, at(n));
    }

    private static Pipecatcall other(long n, @Nullable Instant deleted) {
        return new Pipecatcall(
                id(n),
                Ids.ZERO,
                Ids.ZERO,
                ReferenceType.CALL,
                SequentialIds.id(3000 + n),
                "10.0.0.9",
                "",
                List.of(),
                "",
                "",
                "",
                "",
                "",
                null,
                null,
                "",
                deleted,
                deleted,
                deleted,
                null);
    }

    /** {@code n} seconds after the beginning. */
    public static Instant at(long n) {
        return VirtualClock.START.plusSeconds(n);
    }
}
