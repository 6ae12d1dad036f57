package org.pipecatmanager.domain.engine;

import java.util.Optional;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.StoreException;

/** A store whose writes can be made to fail or to find nothing, and whose reads to fail. */
final class BreakableStore implements PipecatcallStore {
    private final PipecatcallStore store;
    private volatile boolean broken;
    private volatile boolean losing;
    private volatile boolean unreachable;

    BreakableStore(PipecatcallStore store) {
        this.store = store;
    }

    void breakWrites() {
        broken = true;
    }

    /** No record that is to be updated is there any more. */
    void loseRecords() {
        losing = true;
    }

    /** Nothing can be read or written. */
    void disappear() {
        broken = true;
        unreachable = true;
    }

    void repair() {
        broken = false;
        losing = false;
        unreachable = false;
    }

    @Override
    public boolean insert(Pipecatcall call, String requestHash) {
        failIfBroken();
        return store.insert(call, requestHash);
    }

    @Override
    public boolean update(Pipecatcall call) {
        failIfBroken();
        return !losing && store.update(call);
    }

    @Override
    public Optional<Pipecatcall> find(PipecatcallId id) {
        if (unreachable) {
            throw new StoreException("the test's store does not answer", null);
        }
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
