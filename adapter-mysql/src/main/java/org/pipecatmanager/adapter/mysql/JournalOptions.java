package org.pipecatmanager.adapter.mysql;

/**
 * How a {@link Journal} keeps things.
 *
 * @param outbox           whether events are kept for a broker
 * @param transcripts      whether what is said is kept
 * @param maxEntries       what waits in memory at most; deltas of generations may be half of it
 * @param maxBytes         the same, estimated bytes
 * @param maxSpoolBytes    what waits on disk at most while the database is away, bytes
 * @param maxOutboxEntries events in memory at most while the broker is away; more wait in the database only
 * @param maxOutboxBytes   the same, estimated bytes
 */
public record JournalOptions(
        boolean outbox,
        boolean transcripts,
        int maxEntries,
        long maxBytes,
        long maxSpoolBytes,
        int maxOutboxEntries,
        long maxOutboxBytes) {
    /** A busy daemon's 10 s, the longest a database that hangs holds the journal up, several times over. */
    private static final int MAX_ENTRIES = 32_768;

    private static final long MAX_BYTES = 64L << 20;
    /** An hour of a busy daemon and more. */
    private static final long MAX_SPOOL_BYTES = 256L << 20;

    private static final int MAX_OUTBOX_ENTRIES = 10_000;
    private static final long MAX_OUTBOX_BYTES = 32L << 20;

    public JournalOptions {
        if (maxEntries < 1 || maxBytes < 1 || maxSpoolBytes < 1 || maxOutboxEntries < 1 || maxOutboxBytes < 1) {
            throw new IllegalArgumentException("a journal of " + maxEntries + " entries, " + maxBytes + " bytes, "
                    + maxSpoolBytes + " bytes of spool and " + maxOutboxEntries + " events of " + maxOutboxBytes
                    + " bytes keeps nothing; use 1 or more of each");
        }
    }

    /**
     * The bounds of production.
     *
     * @param outbox      whether events are kept for a broker: on a platform they are
     * @param transcripts whether what is said is kept
     */
    public static JournalOptions of(boolean outbox, boolean transcripts) {
        return new JournalOptions(
                outbox, transcripts, MAX_ENTRIES, MAX_BYTES, MAX_SPOOL_BYTES, MAX_OUTBOX_ENTRIES, MAX_OUTBOX_BYTES);
    }
}
