package org.pipecatmanager.domain.reaper;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.LeaseMeter;
import org.pipecatmanager.ports.out.OrphanedCalls;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * What closing calls of others asks of the world.
 *
 * @param cache       null where there is none
 * @param callManager null without a platform
 */
public record ClaimPorts(
        OrphanedCalls calls,
        @Nullable PipecatcallCache cache,
        @Nullable CallManager callManager,
        TimeSource time,
        Alarms alarms,
        Threads threads,
        LeaseMeter meter) {}
