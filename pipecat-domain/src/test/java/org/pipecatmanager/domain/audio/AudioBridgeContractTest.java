package org.pipecatmanager.domain.audio;

import org.pipecatmanager.ports.contract.LegMediaContract;
import org.pipecatmanager.ports.in.LegMedia;

class AudioBridgeContractTest implements LegMediaContract {
    @Override
    public Harness newHarness() {
        var call = Call.attached();
        return new Harness() {
            @Override
            public LegMedia media() {
                return call.bridge;
            }

            @Override
            public void end() {
                call.bridge.end();
            }
        };
    }
}
