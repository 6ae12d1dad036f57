package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.UUID;

/** Several assistants of ai-manager that hand a conversation to each other. */
public record Team(UUID id, UUID startMemberId, List<Member> members) {
    public Team {
        members = List.copyOf(members);
    }

    /** One place in the team, filled by an assistant. */
    public record Member(UUID id, String name, UUID aiId, List<Transition> transitions) {
        public Member {
            transitions = List.copyOf(transitions);
        }
    }

    /** A function by which the model hands over. */
    public record Transition(String functionName, String description, UUID nextMemberId) {}
}
