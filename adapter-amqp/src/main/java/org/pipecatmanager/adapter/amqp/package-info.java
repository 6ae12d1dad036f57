/** RabbitMQ. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.amqp;
