/**
 * Plays Asterisk's side of AudioSocket in real time and measures what comes back: the {@code simulate} command.
 *
 * <p>Knows nothing of the daemon; it can be pointed at any AudioSocket server. Its message parser is its own on purpose, so
 * that the server's codec is never tested against itself alone. One thread runs all calls of a simulation.
 */
@NullMarked
package org.pipecatmanager.daemon.sim;

import org.jspecify.annotations.NullMarked;
