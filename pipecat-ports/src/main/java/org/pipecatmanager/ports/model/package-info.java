/**
 * The immutable values that cross the ports. No behaviour beyond their own invariants, no technology.
 *
 * <p>Everything may depend on it. Values are safe for all threads. Text that people said, prompts and keys are kept out
 * of every {@code toString}. Maps and text are made of these values in {@code ports.wire} only.
 */
@NullMarked
package org.pipecatmanager.ports.model;

import org.jspecify.annotations.NullMarked;
