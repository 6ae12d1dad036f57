package org.pipecatmanager.domain.platform;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.engine.Preparation;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.model.ResolvedTeam;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * Asks call-manager and ai-manager what a call needs.
 *
 * <p>A call of call-manager gets neither tools nor a key: its tools could be carried out for nobody, and its model is the
 * runner's own. An AI call gets what its assistant or its team has; a single assistant that cannot be looked up costs the
 * call its tools and its key, not its life.
 */
public final class PlatformPreparation implements Preparation {
    private static final Logger LOG = System.getLogger(PlatformPreparation.class.getPackageName());
    /** The statuses with which call-manager says that a call is over; one we do not know is not taken for an end. */
    private static final Set<String> OVER = Set.of("terminating", "canceling", "hangup");

    private final CallManager callManager;
    private final AiManager aiManager;
    private final ToolRules rules;
    private final TeamResolver teams;
    private final PlatformDefaults defaults;
    private final SessionMeter meter;

    public PlatformPreparation(
            CallManager callManager,
            AiManager aiManager,
            ToolCatalog catalog,
            PlatformDefaults defaults,
            SessionMeter meter,
            Alarms alarms,
            Threads threads) {
        this.callManager = callManager;
        this.aiManager = aiManager;
        this.defaults = defaults;
        this.meter = meter;
        rules = new ToolRules(catalog, meter);
        teams = new TeamResolver(aiManager, new Assistants(aiManager, alarms, threads), rules);
    }

    @Override
    public Prepared prepare(Pipecatcall call) {
        return switch (call.referenceType()) {
            case CALL -> ofCall(call);
            case AI_CALL -> ofAiCall(call, aiManager.aiCall(call.referenceId()));
            case NONE ->
                throw new ManagerException(
                        Kind.REFUSED, "call " + call.id() + " has no reference_type; use call or ai_call", null);
        };
    }

    private Prepared ofCall(Pipecatcall call) {
        PlatformCall telephone = callManager.call(call.referenceId());
        if (OVER.contains(telephone.status())) {
            throw new ManagerException(
                    Kind.REFUSED,
                    "call-manager's call " + call.referenceId() + " is over, its status is '" + telephone.status()
                            + "'; nobody is left to talk to",
                    null);
        }
        return prepared(call, Assistance.NONE, List.of(), call.referenceId());
    }

    private Prepared ofAiCall(Pipecatcall call, AiCall aiCall) {
        UUID telephone = aiCall.isVoice() ? aiCall.referenceId() : null;
        if (aiCall.isTeam()) {
            ResolvedTeam team = teams.resolve(aiCall);
            return prepared(
                    call, assistance(aiCall, startOf(team).engineKey(), Map.of(), team), toolsOf(team), telephone);
        }
        Ai ai = lookUp(call, aiCall.assistanceId());
        return ai == null
                ? prepared(call, assistance(aiCall, Secret.of(""), Map.of(), null), List.of(), telephone)
                : prepared(
                        call, assistance(aiCall, ai.engineKey(), ai.parameter(), null), rules.toolsOf(ai), telephone);
    }

    /** Null when it cannot be looked up. */
    private @Nullable Ai lookUp(Pipecatcall call, UUID id) {
        try {
            return aiManager.ai(id);
        } catch (ManagerException e) {
            meter.toolResolveFellBack();
            LOG.log(
                    Level.WARNING,
                    "call " + call.id() + " goes on without tools and with the runner's own key: " + e.getMessage());
            return null;
        }
    }

    private static Assistance assistance(
            AiCall aiCall, Secret key, Map<String, Object> parameter, @Nullable ResolvedTeam team) {
        return new Assistance(key, parameter, aiCall.vadConfig(), aiCall.smartTurnEnabled(), team);
    }

    private static Ai startOf(ResolvedTeam team) {
        return team.members().stream()
                .filter(member -> member.id().equals(team.startMemberId()))
                .findFirst()
                .orElseThrow()
                .ai();
    }

    /** What any member may call: the daemon does not know which of them speaks. */
    private static Collection<ToolDefinition> toolsOf(ResolvedTeam team) {
        Map<String, ToolDefinition> byName = new LinkedHashMap<>();
        for (ResolvedTeam.Member member : team.members()) {
            member.tools().forEach(tool -> byName.putIfAbsent(tool.name(), tool));
        }
        return byName.values();
    }

    private Prepared prepared(
            Pipecatcall call, Assistance assistance, Collection<ToolDefinition> tools, @Nullable UUID telephone) {
        boolean voice = telephone != null;
        return new Prepared(
                new SessionPlan(voice, listens(call, assistance.team()), defaults.limits()),
                null,
                assistance,
                List.copyOf(tools),
                defaults.audio(),
                telephone);
    }

    /** Whether a recogniser is asked for: only then does a runner surely open its way in. */
    private static boolean listens(Pipecatcall call, @Nullable ResolvedTeam team) {
        return !call.sttType().isEmpty()
                || (team != null
                        && team.members().stream()
                                .anyMatch(member -> !member.ai().sttType().isEmpty()));
    }
}
