package org.pipecatmanager.domain.reaper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.ManagerException;

/** Keeps whose media were to be stopped; can fail a number of times. One thread only. */
final class RecordingMedia implements CallManager {
    private final List<PipecatcallId> stops = new ArrayList<>();
    private final Map<PipecatcallId, ManagerException.Kind> failures = new HashMap<>();

    /** Stopping that one fails from now on. */
    void fail(PipecatcallId id, ManagerException.Kind kind) {
        failures.put(id, kind);
    }

    void repair() {
        failures.clear();
    }

    /** Every attempt, in order. */
    List<PipecatcallId> stops() {
        return stops;
    }

    @Override
    public void stopExternalMedia(PipecatcallId id) {
        stops.add(id);
        ManagerException.Kind failure = failures.get(id);
        if (failure != null) {
            throw new ManagerException(failure, "the test's call-manager fails", null);
        }
    }

    @Override
    public PlatformCall call(UUID id) {
        throw new AssertionError("nobody asks for a call here");
    }

    @Override
    public void startExternalMedia(ExternalMediaRequest request) {
        throw new AssertionError("nobody starts media here");
    }
}
