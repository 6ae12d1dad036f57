/**
 * What the world may ask of us: control, the caller's leg, the runner's socket and callbacks, the event feed.
 *
 * <p>Implemented by {@code pipecat-domain} ({@link org.pipecatmanager.ports.in.EventFeed} by
 * {@code ports.memory}), called by adapters and the daemon. Each interface states its threads.
 */
@NullMarked
package org.pipecatmanager.ports.in;

import org.jspecify.annotations.NullMarked;
