package org.pipecatmanager.adapter.pipecatws;

import java.util.Optional;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;

/** What the runner's requests have in common, upgrades and posts. */
final class RunnerPaths {
    private static final String BEARER = "Bearer ";

    private RunnerPaths() {}

    /** The id in a path; empty when it is none. */
    static Optional<PipecatcallId> id(String segment) {
        try {
            return Optional.of(PipecatcallId.parse(segment));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The token of an Authorization value; empty when there is none. The scheme is case-insensitive (RFC 9110 §11.1).
     */
    static Secret bearer(String authorization) {
        return Secret.of(
                authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                        ? authorization.substring(BEARER.length()).strip()
                        : "");
    }
}
