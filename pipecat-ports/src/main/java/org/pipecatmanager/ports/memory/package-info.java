/**
 * Implementations of the driven ports that need nothing but the JDK: for embedders, for tests and for the embedded default.
 *
 * <p>May depend on {@code ports.model}, {@code ports.in} and {@code ports.out}. Everything is bounded; limits come with the
 * constructors. All types are safe for all threads.
 */
@NullMarked
package org.pipecatmanager.ports.memory;

import org.jspecify.annotations.NullMarked;
