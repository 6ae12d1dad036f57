package org.pipecatmanager.ports.model;

/** What an event is about. */
public sealed interface EventPayload
        permits Pipecatcall,
                Message,
                MemberSwitched,
                Speaking,
                Interruption,
                ToolActivity,
                TurnMetrics,
                RunnerChange,
                Problem,
                Dtmf {}
