package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
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
import org.pipecatmanager.daemon.metrics.Connections;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.out.ConfigurationException;

/** Callers by AudioSocket: the common port, and one for each agent that has its own. */
final class AudioSocketModule extends AbstractModule {
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
        AudioSocketConfig defaults = AudioSocketConfig.listeningOn(listeners);
        return new AudioSocketConfig(
                listeners,
                allow(config),
                config.audioSocketMaxConnections(),
                config.audioSocketHandshakeTimeout(),
                Optional.empty(),
                defaults.loops(),
                defaults.stallTimeout(),
                defaults.closeGrace());
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
    AudioSocketServer server(AudioSocketConfig config, PipecatEngine engine, Connections connections, SystemTime time) {
        return AudioSocketServer.create(config, engine, connections.kind("leg"), time);
    }
}
