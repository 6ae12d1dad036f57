package org.pipecatmanager.adapter.audiosocket;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Lets each id in once, as its port demands. */
final class FakeGate implements LegGate {
    final List<FakeMedia> all = new CopyOnWriteArrayList<>();
    volatile @Nullable Refusal refuseAll;
    volatile boolean fail;
    volatile Consumer<FakeMedia> prepare = media -> {};
    private final Map<PipecatcallId, FakeMedia> byId = new ConcurrentHashMap<>();

    @Override
    public LegAdmission admit(PipecatcallId id, Origin origin) {
        if (fail) {
            throw new IllegalStateException("the gate was told to fail");
        }
        Refusal refusal = refuseAll;
        if (refusal != null) {
            return new LegAdmission.Refused(refusal);
        }
        FakeMedia media = new FakeMedia(id, origin);
        prepare.accept(media);
        if (byId.putIfAbsent(id, media) != null) {
            return new LegAdmission.Refused(Refusal.ALREADY_USED);
        }
        all.add(media);
        return new LegAdmission.Admitted(media);
    }

    FakeMedia media(PipecatcallId id) {
        FakeMedia media = byId.get(id);
        if (media == null) {
            throw new AssertionError(id + " was not let in");
        }
        return media;
    }
}
