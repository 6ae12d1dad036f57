package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.pipecatmanager.adapter.audiosocket.AddressRange;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig.Listener;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.config.PlatformConfig;
import org.pipecatmanager.daemon.metrics.Connections;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Callers by AudioSocket: the common port, and one for each agent that has its own. */
final class AudioSocketModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(AudioSocketModule.class);

    @Provides
    @Singleton
    AudioSocketConfig config(DaemonConfig config, StaticAgentCatalog agents) {
        List<Listener> listeners = new ArrayList<>();
        listeners.add(new Listener(config.audioSocket().toSocketAddress(), ""));
        for (String name : agents.names()) {
            String listen = agents.find(name).map(Agent::listen).orElse(null);
            if (listen != null) {
                listeners.add(new Listener(HostPort.parse(listen).toSocketAddress(), name));
            }
        }
        unguarded(listeners, config.audioSocketAllow()).ifPresent(LOG::warn);
        AudioSocketConfig defaults = AudioSocketConfig.listeningOn(listeners);
        return new AudioSocketConfig(
                listeners,
                allow(config),
                config.audioSocketMaxConnections(),
                config.audioSocketHandshakeTimeout(),
                config.onPlatform().map(PlatformConfig::audioSocketFormat),
                defaults.loops(),
                defaults.stallTimeout(),
                defaults.closeGrace());
    }

    /** A warning, where callers of other machines can connect and nothing says which. */
    static Optional<String> unguarded(List<Listener> listeners, List<String> allow) {
        List<InetSocketAddress> open = listeners.stream()
                .map(Listener::address)
                .filter(address ->
                        address.getAddress() == null || !address.getAddress().isLoopbackAddress())
                .toList();
        return allow.isEmpty() && !open.isEmpty()
                ? Optional.of("AUDIOSOCKET_LISTEN_ADDRESS, or an agent's listen, is " + open
                        + ", which other machines can reach, AudioSocket has no password, and AUDIOSOCKET_ALLOW is"
                        + " empty: anyone can make calls. Set AUDIOSOCKET_ALLOW to your Asterisk's address")
                : Optional.empty();
    }

    /** Without a list the listen addresses decide who can reach us. */
    private static List<AddressRange> allow(DaemonConfig config) {
        if (config.audioSocketAllow().isEmpty()) {
            return List.of(AddressRange.parse("0.0.0.0/0"), AddressRange.parse("::/0"));
        }
        List<AddressRange> ranges = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String text : config.audioSocketAllow()) {
            try {
                ranges.add(AddressRange.parse(text));
            } catch (IllegalArgumentException e) {
                problems.add("AUDIOSOCKET_ALLOW: " + Objects.requireNonNullElse(e.getMessage(), text));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return ranges;
    }

    @Provides
    @Singleton
    AudioSocketServer server(
            AudioSocketConfig config, PipecatEngine engine, Taping taping, Connections connections, SystemTime time) {
        return AudioSocketServer.create(config, taping.legs(engine), connections.kind("leg"), time);
    }
}
