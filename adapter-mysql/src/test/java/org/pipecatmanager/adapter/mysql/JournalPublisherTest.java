package org.pipecatmanager.adapter.mysql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.EventPublisherContract;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What is published arrives at the relay. */
class JournalPublisherTest implements EventPublisherContract {
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT = new TypeReference<>() {};

    @TempDir
    Path dataDirectory;

    @Override
    public Harness newHarness() {
        var database = TestDatabase.inMemory();
        var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY);
        rig.insertCalls(4);
        return new RelayHarness(rig);
    }

    private static final class RelayHarness implements Harness {
        private final JournalRig rig;
        private final Map<PipecatcallId, List<OutboxEntry>> relayed = new HashMap<>();

        RelayHarness(JournalRig rig) {
            this.rig = rig;
        }

        @Override
        public EventPublisher publisher() {
            return rig.journal;
        }

        @Override
        public List<Map<String, @Nullable Object>> received(PipecatcallId id, int count) {
            JournalRig.await(count + " events of " + id, () -> {
                relay();
                return of(id).size() >= count;
            });
            return of(id).stream()
                    .map(entry -> JsonMapper.shared().readValue(entry.body(), OBJECT))
                    .toList();
        }

        private void relay() {
            try {
                var some = rig.journal.peek(20, Duration.ZERO);
                rig.journal.remove(some);
                some.forEach(entry -> of(entry.pipecatcallId()).add(entry));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private List<OutboxEntry> of(PipecatcallId id) {
            return relayed.computeIfAbsent(id, unused -> new ArrayList<>());
        }

        @Override
        public void close() {
            rig.close();
            rig.database.close();
        }
    }
}
