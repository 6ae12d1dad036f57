package org.pipecatmanager.domain.engine;

import java.util.Optional;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.StoreException;

/**
 * A store behind a cache that is read first and written after every write.
 *
 * <p>A cached record that is over is final and spares the read. Any other may be old, because a write of the cache can be lost:
 * it stands in only while the store cannot be reached.
 */
final class CachedStore implements PipecatcallStore {
    private final PipecatcallStore store;
    private final PipecatcallCache cache;

    CachedStore(PipecatcallStore store, PipecatcallCache cache) {
        this.store = store;
        this.cache = cache;
    }

    @Override
    public boolean insert(Pipecatcall call, String requestHash) {
        boolean written = store.insert(call, requestHash);
        if (written) {
            cache.put(call);
        }
        return written;
    }

    @Override
    public Optional<Pipecatcall> find(PipecatcallId id) {
        Optional<Pipecatcall> cached = cache.get(id);
        if (cached.isPresent() && cached.get().status() == PipecatcallStatus.ENDED) {
            return cached;
        }
        try {
            Optional<Pipecatcall> stored = store.find(id);
            stored.ifPresent(cache::put);
            return stored;
        } catch (StoreException e) {
            if (cached.isPresent()) {
                return cached;
            }
            throw e;
        }
    }

    @Override
    public Optional<String> requestHash(PipecatcallId id) {
        return store.requestHash(id);
    }

    @Override
    public boolean update(Pipecatcall call) {
        boolean written = store.update(call);
        if (written) {
            cache.put(call);
        }
        return written;
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        return store.list(query);
    }
}
