package org.pipecatmanager.domain.recording;

import java.util.function.BiConsumer;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * What recordings ask of the world.
 *
 * @param threads runs a task that may wait on a thread of that name
 */
public record RecorderPorts(
        Recordings recordings,
        TimeSource time,
        Alarms alarms,
        BiConsumer<String, Runnable> threads,
        SessionMeter meter) {}
