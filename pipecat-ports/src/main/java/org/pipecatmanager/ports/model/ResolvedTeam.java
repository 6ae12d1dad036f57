package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.UUID;

/**
 * A team with everything a runner needs of its members.
 *
 * @param startMemberId who begins: the member that had the conversation, where it goes on
 */
public record ResolvedTeam(UUID id, UUID startMemberId, List<Member> members) {
    public ResolvedTeam {
        members = List.copyOf(members);
    }

    /** One member with its assistant. */
    public record Member(UUID id, String name, Ai ai, List<ToolDefinition> tools, List<Team.Transition> transitions) {
        public Member {
            tools = List.copyOf(tools);
            transitions = List.copyOf(transitions);
        }
    }
}
