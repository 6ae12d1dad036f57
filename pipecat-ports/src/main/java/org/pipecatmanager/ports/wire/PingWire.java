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

    /**
     * What another daemon answered.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed, or {@code timestamp} is missing
     */
    public static Ping fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        var timestamp = reader.time("timestamp");
        if (timestamp == null) {
            throw reader.invalid("timestamp", "is missing; give it");
        }
        return new Ping(reader.text("host_id"), timestamp, reader.text("instance_id"));
    }
}
