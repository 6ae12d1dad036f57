package org.pipecatmanager.ports.model;

/** A team handed the conversation from one member to another. */
public record MemberSwitched(SessionRef ref, String transitionFunctionName, Member from, Member to)
        implements EventPayload {
    /** One member of a team, as the runner reports it. */
    public record Member(
            String id, String name, String engineModel, String ttsType, String ttsVoiceId, String sttType) {}
}
