/**
 * RabbitMQ: the RPC server on the shared queue and on the queue of this host, the RPC client to the other managers, and
 * the publisher that relays session events to their fanout exchange with confirms.
 *
 * <p><b>Rules.</b> Drives and implements ports only; the domain, the daemon and the other adapters are unknown here, and
 * no {@code com.rabbitmq} type leaves this package. Values become JSON through {@code org.pipecatmanager.ports.wire}.
 *
 * <p><b>Threads.</b> Blocking code on virtual threads. A channel has one sender at a time, by ownership or by a lock: the
 * client library does not allow more.
 */
@NullMarked
package org.pipecatmanager.adapter.amqp;

import org.jspecify.annotations.NullMarked;
