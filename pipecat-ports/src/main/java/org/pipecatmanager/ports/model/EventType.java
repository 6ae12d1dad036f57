package org.pipecatmanager.ports.model;

import java.util.Locale;

/** The name of an event on the wire, in lower case. Published: add, never rename. */
public enum EventType {
    PIPECATCALL_CREATED,
    PIPECATCALL_INITIALIZED,
    PIPECATCALL_TERMINATED,
    MESSAGE_USER_TRANSCRIPTION,
    MESSAGE_BOT_TRANSCRIPTION,
    MESSAGE_USER_LLM,
    MESSAGE_BOT_LLM_INTERMEDIATE,
    MESSAGE_BOT_LLM,
    /** What the caller really heard of one sentence of the bot; ours. */
    MESSAGE_BOT_HEARD,
    TEAM_MEMBER_SWITCHED,
    USER_STARTED_SPEAKING,
    USER_STOPPED_SPEAKING,
    BOT_STARTED_SPEAKING,
    BOT_STOPPED_SPEAKING,
    BOT_INTERRUPTED,
    TOOL_CALL_STARTED,
    TOOL_CALL_FINISHED,
    METRICS_REPORTED,
    /** A call's runner is gone and another try begins to replace it; ours. */
    RUNNER_LOST,
    /** Caller and bot can hear each other again; ours. */
    RUNNER_REPLACED,
    DTMF_RECEIVED,
    ERROR_REPORTED;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    public String wireName() {
        return wireName;
    }
}
