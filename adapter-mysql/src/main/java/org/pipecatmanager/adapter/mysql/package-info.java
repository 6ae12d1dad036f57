/**
 * SQL: the durable records of calls, the transcript, the latency ledger and the event outbox, on MySQL or MariaDB and on
 * the embedded H2 file, with one small dialect each and one schema history per vendor.
 *
 * <p><b>Rules.</b> Implements ports only; the domain, the daemon and the other adapters are unknown here, and no JDBI,
 * Hikari, Flyway or driver type leaves this package. Every write to a live record is conditional on its lease epoch.
 *
 * <p><b>Threads.</b> Blocking code on virtual threads, bounded by the connection pool. Every public type may be used by
 * any thread.
 */
@NullMarked
package org.pipecatmanager.adapter.mysql;

import org.jspecify.annotations.NullMarked;
