/**
 * Redis: the read-through cache of call records, and the lease that says which daemon instances are alive.
 *
 * <p><b>Rules.</b> Implements ports only; the domain, the daemon and the other adapters are unknown here, and no
 * {@code redis.clients} type leaves this package. Nothing here is the truth: a cache that cannot be reached is a miss, and
 * a lease that cannot be read proves nothing about its owner.
 *
 * <p><b>Threads.</b> Blocking code on virtual threads, with a time-out on every command. Every public type may be used by
 * any thread.
 */
@NullMarked
package org.pipecatmanager.adapter.redis;

import org.jspecify.annotations.NullMarked;
