package org.pipecatmanager.daemon.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** Whether this daemon should get calls, and what it lacks, for {@code /readyz}. Safe for all threads. */
public final class Readiness {
    private final List<Need> needs = new CopyOnWriteArrayList<>();
    private volatile String state = "starting";

    /**
     * Something without which calls cannot be taken.
     *
     * @param problem why it cannot be used, in a sentence without secrets, or empty; may block briefly
     */
    private record Need(String name, Supplier<String> problem) {}

    /**
     * Names something that is needed.
     *
     * @param name    one word
     * @param problem why it cannot be used, in a sentence without secrets, or empty; may block briefly
     */
    public void needs(String name, Supplier<String> problem) {
        needs.add(new Need(name, problem));
    }

    /** Everything was brought up. */
    public void started() {
        state = "ready";
    }

    /** No more calls are taken. */
    public void stopping() {
        state = "stopping";
    }

    /** How it is now. */
    public Report report() {
        List<String> missing = new ArrayList<>();
        for (Need need : needs) {
            String problem = need.problem().get();
            if (!problem.isEmpty()) {
                missing.add(need.name() + ": " + problem);
            }
        }
        String now = state;
        return new Report(now.equals("ready") && !missing.isEmpty() ? "not_ready" : now, missing);
    }

    /**
     * An answer.
     *
     * @param status  {@code ready}, {@code not_ready}, {@code starting} or {@code stopping}
     * @param missing name and reason of everything that cannot be used
     */
    public record Report(String status, List<String> missing) {
        public Report {
            missing = List.copyOf(missing);
        }

        /** The status of the HTTP answer. */
        public int httpStatus() {
            return status.equals("ready") ? 200 : 503;
        }

        /** Keys in order: {@code status}, and {@code missing} where something is. */
        public Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("status", status);
            if (!missing.isEmpty()) {
                map.put("missing", missing);
            }
            return map;
        }
    }
}
