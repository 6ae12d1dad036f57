/**
 * What a platform's services say about a call: who answers, with which keys and tools, on whose telephone call.
 *
 * <p>Whoever wires a daemon for a platform uses it; it serves the engine's {@link
 * org.pipecatmanager.domain.engine.Preparation} and the port {@link org.pipecatmanager.ports.out.ToolExecutor}.
 *
 * <p><b>Threads.</b> Lookups block the thread that asks; those of a team's members run side by side on threads of their own.
 * The catalogue of tools is refreshed on its own and never waited for.
 */
@NullMarked
package org.pipecatmanager.domain.platform;

import org.jspecify.annotations.NullMarked;
