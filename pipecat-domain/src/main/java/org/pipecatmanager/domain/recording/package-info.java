/**
 * The recording of calls: a tap on the bridge, a ring, and a writer that sets both edges beside each other on one clock.
 *
 * <p>The media loop only copies what passes into the ring. Everything that may take time is done half a second later by a thread of
 * the recording's own: a disk that is slow or full costs the recording, never the call.
 */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.domain.recording;
