package org.pipecatmanager.adapter.audiosocket;

import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.TimeSource;

/** What all loops of one server share. */
record Setup(AudioSocketConfig config, LegGate gate, ConnectionMeter meter, TimeSource time, Door door) {}
