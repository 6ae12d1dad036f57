package org.pipecatmanager.ports.model;

/** What a call refers to on the platform. */
public enum ReferenceType {
    /** Nothing: the embedded default. */
    NONE(""),
    /** A call of call-manager. */
    CALL("call"),
    /** An AI call of ai-manager. */
    AI_CALL("ai_call");

    private final String wireName;

    ReferenceType(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /**
     * The constant of a wire name; the empty name is {@link #NONE}.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static ReferenceType ofWireName(String name) {
        for (ReferenceType type : values()) {
            if (type.wireName.equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("reference_type '" + name + "' is unknown; use call or ai_call");
    }
}
