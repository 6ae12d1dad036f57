package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.ManagerException;

/** A call-manager that connects nothing: knows the calls it was given, records what it is asked, fails as told. */
public final class FakeCallManager implements CallManager {
    private final Map<UUID, PlatformCall> calls = new ConcurrentHashMap<>();
    private final Recorded<ExternalMediaRequest> started = new Recorded<>();
    private final Recorded<PipecatcallId> stopped = new Recorded<>();
    private volatile ManagerException.@Nullable Kind failingStarts;
    private volatile ManagerException.@Nullable Kind failingStops;

    @Override
    public PlatformCall call(UUID id) {
        PlatformCall call = calls.get(id);
        if (call == null) {
            throw failure(ManagerException.Kind.NOT_FOUND);
        }
        return call;
    }

    @Override
    public void startExternalMedia(ExternalMediaRequest request) {
        started.add(request);
        throwIf(failingStarts);
    }

    @Override
    public void stopExternalMedia(PipecatcallId id) {
        stopped.add(id);
        throwIf(failingStops);
    }

    /** Knows that call from now on. */
    public void add(PlatformCall call) {
        calls.put(call.id(), call);
    }

    /** Every start of media fails so from now on; null for none. */
    public void failStarts(ManagerException.@Nullable Kind kind) {
        failingStarts = kind;
    }

    /** Every stop of media fails so from now on; null for none. */
    public void failStops(ManagerException.@Nullable Kind kind) {
        failingStops = kind;
    }

    /** All starts of media asked for, also the failed ones. */
    public List<ExternalMediaRequest> started() {
        return started.all();
    }

    /** All stops of media asked for, also the failed ones. */
    public List<PipecatcallId> stopped() {
        return stopped.all();
    }

    private static void throwIf(ManagerException.@Nullable Kind kind) {
        if (kind != null) {
            throw failure(kind);
        }
    }

    private static ManagerException failure(ManagerException.Kind kind) {
        return new ManagerException(kind, "the fake call-manager answers " + kind, null);
    }
}
