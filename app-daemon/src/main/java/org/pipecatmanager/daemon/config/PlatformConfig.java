package org.pipecatmanager.daemon.config;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.Secret;

/**
 * What only a platform's daemon needs.
 *
 * @param rabbitmq              {@code amqp} or {@code amqps} address, with its password
 * @param database              the database's address as it was given, with its password
 * @param redisPassword         empty for none
 * @param audioSocketFormat     what call-manager is asked to send
 * @param audioSocketAdvertised where Asterisk reaches us; null: the address that was bound
 */
public record PlatformConfig(
        Secret rabbitmq,
        Secret database,
        HostPort redis,
        Secret redisPassword,
        int redisDatabase,
        AudioFormat audioSocketFormat,
        @Nullable HostPort audioSocketAdvertised) {}
