package org.pipecatmanager.daemon.explain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One reason why a call was bad.
 *
 * @param name     of the rule: {@code caller_not_heard}
 * @param what     how it was, one sentence without a full stop
 * @param evidence what shows it, with times; no speech
 * @param remedy   what to do
 */
public record Cause(Weight weight, String name, String what, List<String> evidence, String remedy) {
    /** How bad it was. */
    public enum Weight {
        /** Enough to spoil the call. */
        CAUSE,
        /** Worth knowing. */
        HINT
    }

    public Cause {
        evidence = List.copyOf(evidence);
    }

    static Cause of(String name, String what, List<String> evidence, String remedy) {
        return new Cause(Weight.CAUSE, name, what, evidence, remedy);
    }

    static Cause hint(String name, String what, List<String> evidence, String remedy) {
        return new Cause(Weight.HINT, name, what, evidence, remedy);
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("weight", weight.name().toLowerCase(Locale.ROOT));
        map.put("name", name);
        map.put("what", what);
        map.put("evidence", evidence);
        map.put("remedy", remedy);
        return map;
    }
}
