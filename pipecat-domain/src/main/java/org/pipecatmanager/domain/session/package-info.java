/**
 * The life of one call as a pure function: states, events, effects as data, and the machine that connects them.
 *
 * <p>Only the engine uses it. No clock, no thread, no I/O: whoever owns a session calls {@link SessionMachine#on} with one
 * event at a time and performs the effects in their order. The full table is {@code docs/session-states.md}, which a test
 * writes and compares.
 */
@NullMarked
package org.pipecatmanager.domain.session;

import org.jspecify.annotations.NullMarked;
