package org.pipecatmanager.daemon.doctor;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether another machine's clock goes with ours. */
final class ClockCheck {
    /** Clocks kept by NTP differ by milliseconds; an HTTP date has whole seconds. */
    static final Duration WARNING = Duration.ofSeconds(2);
    /** What is kept is in the wrong order by then, and signed requests to providers begin to be refused. */
    static final Duration PROBLEM = Duration.ofSeconds(30);

    private ClockCheck() {}

    /**
     * What is to be said of it; nothing where it did not tell.
     *
     * @param ahead of ours, negative behind
     */
    static List<Finding> of(String area, Optional<Duration> ahead) {
        return ahead.map(by -> List.of(of(area, by))).orElse(List.of());
    }

    private static Finding of(String area, Duration ahead) {
        double seconds = ahead.toMillis() / 1000.0;
        String value = String.format(Locale.ROOT, "%+.1f s", seconds);
        if (ahead.abs().compareTo(WARNING) <= 0) {
            return Finding.ok(area, "its clock goes with ours", value);
        }
        String what = "its clock is " + (seconds > 0 ? "ahead of" : "behind") + " this machine's";
        String remedy = "set both clocks by NTP (timedatectl, chronyc tracking say which one is wrong)";
        return ahead.abs().compareTo(PROBLEM) <= 0
                ? Finding.warning(area, what, value, remedy)
                : Finding.problem(area, what, value, remedy);
    }
}
