package org.pipecatmanager.adapter.mysql;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/** One thing a call wants to have kept. */
sealed interface JournalEntry {
    /** What an entry costs besides its text, bytes; an estimate. */
    int OVERHEAD_BYTES = 256;

    PipecatcallId call();

    /** A fixed word for logs and meters. */
    String kind();

    /** Estimated size in memory, bytes. */
    int weight();

    /** Whether it may be dropped: deltas of a generation, which nobody but the broker gets. */
    default boolean droppable() {
        return false;
    }

    /** The new state of a record. */
    record RecordUpdate(Pipecatcall record) implements JournalEntry {
        @Override
        public PipecatcallId call() {
            return record.id();
        }

        @Override
        public String kind() {
            return "record";
        }

        @Override
        public int weight() {
            return 2 * OVERHEAD_BYTES + textOf(record.llmMessages());
        }
    }

    /**
     * An event for the broker.
     *
     * @param at when it happened
     */
    record Event(OutboxEntry entry, Instant at) implements JournalEntry {
        @Override
        public PipecatcallId call() {
            return entry.pipecatcallId();
        }

        @Override
        public String kind() {
            return "event";
        }

        @Override
        public int weight() {
            return OVERHEAD_BYTES + entry.body().length();
        }

        @Override
        public boolean droppable() {
            return !entry.lasting();
        }
    }

    /** Something was said. */
    record Said(SpokenMessage message) implements JournalEntry {
        @Override
        public PipecatcallId call() {
            return message.pipecatcallId();
        }

        @Override
        public String kind() {
            return "message";
        }

        @Override
        public int weight() {
            return OVERHEAD_BYTES + message.text().length();
        }
    }

    /** A turn was measured. */
    record TurnKept(Turn turn) implements JournalEntry {
        @Override
        public PipecatcallId call() {
            return turn.pipecatcallId();
        }

        @Override
        public String kind() {
            return "turn";
        }

        @Override
        public int weight() {
            return OVERHEAD_BYTES;
        }
    }

    /** A call is over, and was like this. */
    record ReportKept(CallReport report) implements JournalEntry {
        /** A mark with its details, bytes; about. */
        private static final int MARK_BYTES = 128;

        @Override
        public PipecatcallId call() {
            return report.pipecatcallId();
        }

        @Override
        public String kind() {
            return "report";
        }

        @Override
        public int weight() {
            return OVERHEAD_BYTES + MARK_BYTES * report.marks().size();
        }
    }

    private static int textOf(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> text.length();
            case Map<?, ?> map -> {
                int sum = OVERHEAD_BYTES;
                for (var entry : map.entrySet()) {
                    sum += textOf(entry.getKey()) + textOf(entry.getValue());
                }
                yield sum;
            }
            case Collection<?> list -> {
                int sum = 0;
                for (var item : list) {
                    sum += textOf(item);
                }
                yield sum;
            }
            default -> Long.BYTES;
        };
    }
}
