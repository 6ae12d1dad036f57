package org.pipecatmanager.daemon.runner;

import java.net.URI;
import java.util.Optional;
import org.pipecatmanager.ports.model.Secret;

/**
 * The runner of this daemon.
 *
 * @param child the process we watch, or empty
 * @param url   the one that is there without us, or empty
 * @param token what it wants to see, empty for nothing
 */
public record Runner(Optional<RunnerProcess> child, Optional<URI> url, Secret token) {
    /** One that is there without us. */
    public static Runner at(URI url, Secret token) {
        return new Runner(Optional.empty(), Optional.of(url), token);
    }

    /** Where it is now; empty while a child is being started again. */
    public Optional<URI> address() {
        return child.isPresent() ? child.get().address() : url;
    }

    /** How often the child was started again. */
    public int restarts() {
        return child.map(RunnerProcess::restarts).orElse(0);
    }
}
