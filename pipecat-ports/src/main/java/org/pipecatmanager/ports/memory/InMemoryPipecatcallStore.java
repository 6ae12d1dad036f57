package org.pipecatmanager.ports.memory;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallStore;

/**
 * Keeps records in memory, up to a limit: beyond it the oldest ended ones are forgotten, live ones never.
 *
 * <p>Never throws {@link org.pipecatmanager.ports.out.StoreException} and never blocks on anything but its own lock.
 */
public final class InMemoryPipecatcallStore implements PipecatcallStore {
    private record Row(Pipecatcall call, String requestHash) {}

    /** Place of a record in the listing: newest first, equal moments by id, largest first. */
    private record Place(Instant created, String id) implements Comparable<Place> {
        private static final Comparator<Place> NEWEST_FIRST =
                Comparator.comparing(Place::created).thenComparing(Place::id).reversed();

        static Place of(Pipecatcall call) {
            var created = call.created();
            return new Place(created == null ? Instant.MIN : created, call.id().toString());
        }

        @Override
        public int compareTo(Place other) {
            return NEWEST_FIRST.compare(this, other);
        }
    }

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PipecatcallId, Row> rows = new HashMap<>();
    private final TreeMap<Place, PipecatcallId> places = new TreeMap<>();
    private final TreeSet<Place> ended = new TreeSet<>();

    /**
     * Makes an empty store.
     *
     * @param limit records kept, at least 1; more only while more than that are live
     */
    public InMemoryPipecatcallStore(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a store of " + limit + " records keeps nothing; use at least 1");
        }
        this.limit = limit;
    }

    @Override
    public boolean insert(Pipecatcall call, String requestHash) {
        lock.lock();
        try {
            if (rows.containsKey(call.id())) {
                return false;
            }
            put(new Row(call, requestHash));
            forgetOldest();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean update(Pipecatcall call) {
        lock.lock();
        try {
            var old = rows.get(call.id());
            if (old == null) {
                return false;
            }
            remove(old);
            put(new Row(call, old.requestHash()));
            forgetOldest();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Pipecatcall> find(PipecatcallId id) {
        return row(id).map(Row::call);
    }

    @Override
    public Optional<String> requestHash(PipecatcallId id) {
        return row(id).map(Row::requestHash);
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        lock.lock();
        try {
            var after = place(query.pageToken());
            var page = new ArrayList<Pipecatcall>();
            for (var id : (after == null ? places : places.tailMap(after, false)).values()) {
                var row = rows.get(id);
                if (row == null || !matches(row.call(), query)) {
                    continue;
                }
                if (page.size() == query.pageSize()) {
                    return new Page<>(page, token(page.getLast()));
                }
                page.add(row.call());
            }
            return new Page<>(page, "");
        } finally {
            lock.unlock();
        }
    }

    private Optional<Row> row(PipecatcallId id) {
        lock.lock();
        try {
            return Optional.ofNullable(rows.get(id));
        } finally {
            lock.unlock();
        }
    }

    private void put(Row row) {
        rows.put(row.call().id(), row);
        places.put(Place.of(row.call()), row.call().id());
        if (row.call().status() == PipecatcallStatus.ENDED) {
            ended.add(Place.of(row.call()));
        }
    }

    private void remove(Row row) {
        rows.remove(row.call().id());
        places.remove(Place.of(row.call()));
        ended.remove(Place.of(row.call()));
    }

    private void forgetOldest() {
        while (rows.size() > limit && !ended.isEmpty()) {
            var oldest = ended.removeLast();
            var id = places.remove(oldest);
            if (id != null) {
                rows.remove(id);
            }
        }
    }

    private static boolean matches(Pipecatcall call, ListQuery query) {
        return call.deleted() == null
                && (query.customerId() == null || query.customerId().equals(call.customerId()))
                && (query.referenceId() == null || query.referenceId().equals(call.referenceId()))
                && (query.hostId() == null || query.hostId().equals(call.hostId()))
                && (query.status() == null || query.status() == call.status());
    }

    private static String token(Pipecatcall last) {
        var place = Place.of(last);
        var text = place.created() + "/" + place.id();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The place a token stands for, or null: a token that is not ours starts from the newest. */
    private static @Nullable Place place(String token) {
        try {
            var parts = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII).split("/", 2);
            return parts.length < 2 ? null : new Place(Instant.parse(parts[0]), parts[1]);
        } catch (IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }
}
