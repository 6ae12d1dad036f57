/**
 * Runs sessions: {@link PipecatEngine} takes what comes in through the driving ports and performs what the machine decides.
 *
 * <p>Embedders and the daemon use it. Of the domain, {@code domain.platform} implements {@link Preparation}, and it,
 * {@code domain.reaper} and {@code domain.rounds} start their work through {@link Threads}; nothing else here is theirs.
 *
 * <p><b>Threads.</b> Every session has one bounded
 * mailbox, served by one virtual thread at a time ({@code session-<id>}), which alone touches the session's state, writes
 * its record and publishes its events. Lookups, pipelines and external media are waited for on threads of their own
 * ({@code prepare-}, {@code runner-} and {@code media-}). Media loops and link threads only put letters into mailboxes.
 */
@NullMarked
package org.pipecatmanager.domain.engine;

import org.jspecify.annotations.NullMarked;
