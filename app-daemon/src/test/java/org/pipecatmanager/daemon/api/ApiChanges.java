package org.pipecatmanager.daemon.api;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How one listing differs from another, a line each: {@code -} for what is not there any more as it was, {@code +} for what is new.
 *
 * @param breaking what somebody's code may not compile or link with any more. Stricter than Java: a line that has changed in any way
 *                 counts. Of what is new, what others would have to implement counts
 * @param added    what is new, otherwise
 */
record ApiChanges(SortedSet<String> breaking, SortedSet<String> added) {
    static ApiChanges between(SortedMap<String, List<String>> before, SortedMap<String, List<String>> now) {
        var breaking = new TreeSet<String>();
        var added = new TreeSet<String>();
        before.forEach((type, members) -> {
            List<String> left = now.get(type);
            if (left == null) {
                breaking.add("- " + type);
                return;
            }
            members.stream()
                    .filter(member -> !left.contains(member))
                    .forEach(member -> breaking.add("- " + nameOf(type) + "  " + member));
        });
        now.forEach((type, members) -> {
            List<String> known = before.get(type);
            if (known == null) {
                added.add("+ " + type);
                return;
            }
            members.stream().filter(member -> !known.contains(member)).forEach(member -> {
                boolean owed = isImplementedByOthers(type) && isAbstract(member);
                (owed ? breaking : added).add("+ " + nameOf(type) + "  " + member);
            });
        });
        return new ApiChanges(breaking, added);
    }

    /** Those of some modules together, each line beginning with its module. */
    static ApiChanges ofAll(Map<String, ApiChanges> byModule) {
        return new ApiChanges(
                byModule.entrySet().stream()
                        .flatMap(entry -> entry.getValue().breaking().stream().map(line -> entry.getKey() + " " + line))
                        .collect(Collectors.toCollection(TreeSet::new)),
                byModule.entrySet().stream()
                        .flatMap(entry -> entry.getValue().added().stream().map(line -> entry.getKey() + " " + line))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    private static boolean isImplementedByOthers(String type) {
        String kind = type.substring(nameOf(type).length());
        return !kind.contains(" sealed") && (kind.endsWith(" interface") || kind.contains(" abstract"));
    }

    private static boolean isAbstract(String member) {
        return member.startsWith("abstract ") || member.startsWith("protected abstract ");
    }

    private static String nameOf(String type) {
        return type.substring(0, type.lastIndexOf(':'));
    }
}
