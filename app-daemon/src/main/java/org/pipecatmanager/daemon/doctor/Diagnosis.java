package org.pipecatmanager.daemon.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pipecatmanager.daemon.doctor.Finding.Level;

/** Everything that was found, in the order in which it was looked at. */
public record Diagnosis(List<Finding> findings) {
    private static final int LINE = 110;
    private static final String MARGIN = " ".repeat(20);

    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** How many are of that level. */
    public long count(Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    /** For programs: {@code problems}, {@code warnings}, and the findings as {@code result}. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("problems", count(Level.PROBLEM));
        map.put("warnings", count(Level.WARNING));
        map.put("result", findings.stream().map(Finding::toMap).toList());
        return map;
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            String level =
                    finding.level() == Level.OK ? "ok" : finding.level().name().toLowerCase(Locale.ROOT);
            String head = String.format(Locale.ROOT, "%-8s  %-10s", level, finding.area());
            String value = finding.value().isEmpty() ? "" : " (" + finding.value() + ")";
            wrap(text, head, finding.what() + value);
            if (!finding.remedy().isEmpty()) {
                wrap(text, MARGIN, "-> " + finding.remedy());
            }
        }
        long problems = count(Level.PROBLEM);
        long warnings = count(Level.WARNING);
        text.append(System.lineSeparator())
                .append(problems + warnings == 0 ? "nothing is wrong" : plural(problems, "problem"))
                .append(problems + warnings == 0 ? "" : ", " + plural(warnings, "warning"));
        return text.toString();
    }

    private static String plural(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** A terminal shows what a server said, and does not obey it. */
    private static void wrap(StringBuilder text, String head, String words) {
        StringBuilder line = new StringBuilder(head);
        for (String word : words.replaceAll("\\p{Cntrl}", " ").strip().split("\\s+", -1)) {
            if (line.length() + word.length() > LINE && line.length() > MARGIN.length()) {
                text.append(line).append(System.lineSeparator());
                line = new StringBuilder(MARGIN);
            }
            line.append(' ').append(word);
        }
        text.append(line).append(System.lineSeparator());
    }
}
