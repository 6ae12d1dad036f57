/**
 * Values to plain maps and back: the one place that knows keys, their order, and what is left out when empty.
 *
 * <p>A plain map holds {@code String}, {@code Number}, {@code Boolean}, {@code List}, {@code Map} and null; adapters turn it
 * into text and back. Maps made here are {@code LinkedHashMap}s in the documented key order and belong to the caller.
 *
 * <p>Rules of the platform: UUIDs are always printed, the zero UUID too; empty text and empty lists are left out;
 * timestamps are RFC 3339 with six digits and {@code Z}. What is read is taken leniently (a missing key, null and an empty
 * value are the same, unknown keys are ignored) but never guessed: a wrong type or a malformed value is a
 * {@link org.pipecatmanager.ports.out.RequestException} with reason {@code INVALID_FIELD} that names key, value and way out.
 * Free text and tool arguments are never part of it.
 *
 * <p>{@link org.pipecatmanager.ports.wire.ControlRoutes} is the one table of the routes that RPC and HTTP share.
 *
 * <p>May depend on {@code ports.model} and {@code ports.out}; the routes drive {@code ports.in}. All other methods are pure.
 * Everything is safe for all threads.
 */
@NullMarked
package org.pipecatmanager.ports.wire;

import org.jspecify.annotations.NullMarked;
