package org.pipecatmanager.ports.out;

import java.util.UUID;
import org.pipecatmanager.ports.model.Secret;

/** Ids and tokens. Safe for all threads. */
public interface IdSource {
    /** A random (version 4) UUID. */
    UUID nextId();

    /** A token nobody can guess: 256 random bits, URL-safe text. */
    Secret nextToken();
}
