package org.pipecatmanager.domain.engine;

import java.util.Optional;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.StoreException;

/** A store whose writes can be made to fail. */
final class BreakableStore implements PipecatcallStore {
    private final PipecatcallStore store;
    private volatile boolean broken;

    BreakableStore(PipecatcallStore store) {
        this.store = store;
    }

    void breakWrites() {
        broken = true;
    }

    void repair() {
        broken = false;
    }

    @Override
    public boolean insert(Pipecatcall call, String requestHash) {
        failIfBroken();
        return store.insert(call, requestHash);
    }

    @Override
    public boolean update(Pipecatcall call) {
        failIfBroken();
        return store.update(call);
    }

    @Override
    public Optional<Pipecatcall> find(PipecatcallId id) {
        return store.find(id);
    }

    @Override
    public Optional<String> requestHash(PipecatcallId id) {
        return store.requestHash(id);
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        return store.list(query);
    }

    private void failIfBroken() {
        if (broken) {
            throw new StoreException("the test's store does not answer", null);
        }
    }
}
