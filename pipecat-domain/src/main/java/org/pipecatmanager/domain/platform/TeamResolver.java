package org.pipecatmanager.domain.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.ResolvedTeam;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

/** Puts a team together. A team with a gap is refused as a whole: it would fail in the middle of a call. */
final class TeamResolver {
    private final AiManager aiManager;
    private final Assistants assistants;
    private final ToolRules rules;

    TeamResolver(AiManager aiManager, Assistants assistants, ToolRules rules) {
        this.aiManager = aiManager;
        this.assistants = assistants;
        this.rules = rules;
    }

    /**
     * The team of a conversation, which begins with the member that had it, or else with the team's first.
     *
     * @throws ManagerException it cannot be looked up, or is not complete
     */
    ResolvedTeam resolve(AiCall aiCall) {
        Team team = aiManager.team(aiCall.assistanceId());
        Set<UUID> ids = team.members().stream().map(Team.Member::id).collect(Collectors.toSet());
        UUID start = start(team, aiCall.currentMemberId(), ids);
        team.members().forEach(member -> checkTransitions(team, member, ids));
        Map<UUID, Ai> ais =
                assistants.all(team.members().stream().map(Team.Member::aiId).toList());
        List<ResolvedTeam.Member> members = new ArrayList<>();
        for (Team.Member member : team.members()) {
            Ai ai = Objects.requireNonNull(ais.get(member.aiId()));
            members.add(
                    new ResolvedTeam.Member(member.id(), member.name(), ai, rules.toolsOf(ai), member.transitions()));
        }
        return new ResolvedTeam(team.id(), start, members);
    }

    private static UUID start(Team team, UUID current, Set<UUID> ids) {
        if (ids.contains(current)) {
            return current;
        }
        if (ids.contains(team.startMemberId())) {
            return team.startMemberId();
        }
        throw refused(
                team,
                "its start member " + team.startMemberId() + " is not one of its " + ids.size()
                        + " members; set start_member_id to one of them");
    }

    private static void checkTransitions(Team team, Team.Member member, Set<UUID> ids) {
        for (Team.Transition transition : member.transitions()) {
            if (!ids.contains(transition.nextMemberId())) {
                throw refused(
                        team,
                        "transition '" + transition.functionName() + "' of member " + member.id() + " leads to "
                                + transition.nextMemberId() + ", which is not one of its members");
            }
        }
    }

    private static ManagerException refused(Team team, String why) {
        return new ManagerException(Kind.REFUSED, "team " + team.id() + " cannot answer: " + why, null);
    }
}
