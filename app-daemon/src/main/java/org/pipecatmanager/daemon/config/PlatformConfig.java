package org.pipecatmanager.daemon.config;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.amqp.AmqpConfig;
import org.pipecatmanager.adapter.mysql.DatabaseAddress;
import org.pipecatmanager.adapter.redis.RedisConfig;
import org.pipecatmanager.ports.model.AudioFormat;

/**
 * What only a platform's daemon needs.
 *
 * @param rabbitmq              the broker, with its password
 * @param database              the database, with its password
 * @param redis                 cache and leases, with its password
 * @param audioSocketFormat     what call-manager is asked to send
 * @param audioSocketAdvertised where Asterisk reaches us; null: the address that was bound
 */
public record PlatformConfig(
        AmqpConfig rabbitmq,
        DatabaseAddress database,
        RedisConfig redis,
        AudioFormat audioSocketFormat,
        @Nullable HostPort audioSocketAdvertised) {}
