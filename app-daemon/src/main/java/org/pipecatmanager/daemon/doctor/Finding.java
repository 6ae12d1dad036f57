package org.pipecatmanager.daemon.doctor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One thing that was looked at. No part of it holds a secret.
 *
 * @param area   what it is about, one word: {@code rabbitmq}
 * @param what   how it is, one sentence without a full stop
 * @param value  what was seen: an address, a version, the words of a server; may be empty
 * @param remedy what to do; empty where nothing is to be done
 */
public record Finding(Level level, String area, String what, String value, String remedy) {
    /** How bad it is. */
    public enum Level {
        /** Nothing is to be done. */
        OK,
        /** A daemon runs, but probably not as meant. */
        WARNING,
        /** A daemon does not start, or its calls fail. */
        PROBLEM
    }

    static Finding ok(String area, String what, String value) {
        return new Finding(Level.OK, area, what, value, "");
    }

    static Finding warning(String area, String what, String value, String remedy) {
        return new Finding(Level.WARNING, area, what, value, remedy);
    }

    static Finding problem(String area, String what, String value, String remedy) {
        return new Finding(Level.PROBLEM, area, what, value, remedy);
    }

    /** A complaint as settings and agents are complained about: the way out stands behind the last semicolon. */
    static Finding complaint(Level level, String area, String sentence) {
        int way = sentence.lastIndexOf("; ");
        return way < 0
                ? new Finding(level, area, sentence, "", "")
                : new Finding(level, area, sentence.substring(0, way), "", sentence.substring(way + 2));
    }

    /** Keys in order, empty ones left out. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("level", level.name().toLowerCase(Locale.ROOT));
        map.put("area", area);
        map.put("what", what);
        if (!value.isEmpty()) {
            map.put("value", value);
        }
        if (!remedy.isEmpty()) {
            map.put("remedy", remedy);
        }
        return map;
    }
}
