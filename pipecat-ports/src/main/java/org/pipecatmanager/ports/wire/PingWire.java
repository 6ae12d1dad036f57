package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ping;

/** The answer to a ping: {@code {host_id, timestamp}} and, ours, {@code instance_id}, left out when empty. */
public final class PingWire {
    private PingWire() {}

    public static Map<String, @Nullable Object> toMap(Ping ping) {
        return new MapWriter()
                .always("host_id", ping.hostId())
                .time("timestamp", ping.timestamp())
                .text("instance_id", ping.instanceId())
                .map();
    }
}
