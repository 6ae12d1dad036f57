/**
 * Runs sessions: {@link PipecatEngine} takes what comes in through the driving ports and performs what the machine decides.
 *
 * <p>Embedders and the daemon use it; nothing in the domain depends on it. <b>Threads.</b> Every session has one bounded
 * mailbox, served by one virtual thread at a time ({@code session-<id>}), which alone touches the session's state, writes
 * its record and publishes its events. Starting and stopping pipelines blocks on threads of its own. Media loops and link
 * threads only put letters into mailboxes.
 */
@NullMarked
package org.pipecatmanager.domain.engine;

import org.jspecify.annotations.NullMarked;
