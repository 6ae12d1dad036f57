package org.pipecatmanager.ports.contract;

import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    /** {@code n} seconds after the beginning. */
    public static Instant at(long n) {
        return VirtualClock.START.plusSeconds(n);
    }
}
