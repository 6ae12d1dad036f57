package org.pipecatmanager.adapter.mysql;

/**
 * An entry in its place.
 *
 * @param number 1, 2, 3… within one journal, in the order in which entries were put
 */
record Stamped(long number, JournalEntry entry) {}
