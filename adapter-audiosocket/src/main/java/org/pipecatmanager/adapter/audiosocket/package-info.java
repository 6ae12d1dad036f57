/**
 * Asterisk AudioSocket over TCP: takes callers' connections and drives each by the
 * {@link org.pipecatmanager.ports.in.LegMedia} that the {@link org.pipecatmanager.ports.in.LegGate} answers with.
 *
 * <p>Composed by the daemon, or by whoever embeds it; public are {@link
 * org.pipecatmanager.adapter.audiosocket.AudioSocketServer} and its configuration, whose keys begin with
 * {@code AUDIOSOCKET_}.
 *
 * <p>Threads: a few loops ({@code audiosocket-loop-<n>}), each the only one to touch its connections. The codec
 * ({@code AudioSocketDecoder}, {@code AudioSocketEncoder}) knows no sockets.
 *
 * <p>Data goes from the socket to {@code LegMedia.callerAudio} as a view of the loop's read buffer, and from
 * {@code LegMedia.tick} in one write to the socket; what a full socket does not take waits in {@code PendingFrames},
 * 200 ms at most, where the oldest is dropped and counted.
 */
@NullMarked
package org.pipecatmanager.adapter.audiosocket;

import org.jspecify.annotations.NullMarked;
