package org.pipecatmanager.ports.memory;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.IdSource;

/** Ids and tokens from the system's cryptographic random generator. */
public final class RandomIds implements IdSource {
    /** 256 bits: 43 characters of base64url. */
    private static final int TOKEN_BYTES = 32;

    private final SecureRandom random = new SecureRandom();

    @Override
    public UUID nextId() {
        return UUID.randomUUID();
    }

    @Override
    public Secret nextToken() {
        var bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Secret.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
}
