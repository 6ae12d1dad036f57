/**
 * Closes the calls of daemons that are gone: {@link Claims} closes, {@link OwnLeftovers} waits until those of
 * our own earlier runs may be closed, {@link Reaper} finds out whose, and keeps our own lease.
 *
 * <p>Whoever wires a daemon uses it; nothing in the domain does. Leases only raise a suspicion, the store judges: a daemon
 * that was taken for dead and is not learns from the store which calls it has lost, and no two daemons close the same call.
 *
 * <p><b>Threads.</b> Rounds on threads of their own, one for the lease and one for the search, so that a store that hangs
 * never costs the lease. Nothing here runs on an alarm's thread or touches a call that runs here.
 */
@NullMarked
package org.pipecatmanager.domain.reaper;

import org.jspecify.annotations.NullMarked;
