package org.pipecatmanager.daemon.doctor;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Compares versions by their numbers: {@code 10.11.6-MariaDB} is at least {@code 10.6}. */
final class Versions {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern START = Pattern.compile("^\\D*(\\d+(?:\\.\\d+)*).*", Pattern.DOTALL);

    private Versions() {}

    /** Whether a version is that one or a later one; one without numbers is. */
    static boolean isAtLeast(String version, String least) {
        List<Integer> have = numbers(version);
        List<Integer> want = numbers(least);
        if (have.isEmpty()) {
            return true;
        }
        for (int i = 0; i < want.size(); i++) {
            int ours = i < have.size() ? have.get(i) : 0;
            if (ours != want.get(i)) {
                return ours > want.get(i);
            }
        }
        return true;
    }

    /** Says that a version is older than what we run our tests against, or that it is not. */
    static Finding judged(String area, String product, String version, String least) {
        String whole = (product + " " + version).strip();
        return isAtLeast(version, least)
                ? Finding.ok(area, "answers", whole)
                : Finding.warning(
                        area,
                        "its version is older than any that was tried",
                        whole,
                        "use " + product + " " + least + " or later");
    }

    private static List<Integer> numbers(String version) {
        String start = START.matcher(version).replaceFirst("$1");
        return NUMBER.matcher(start)
                .results()
                .map(MatchResult::group)
                .map(Integer::valueOf)
                .toList();
    }
}
