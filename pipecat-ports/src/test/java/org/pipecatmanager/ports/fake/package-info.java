/**
 * Stand-ins for adapters that pass the contracts of the ports they implement, for the tests of every module.
 *
 * <p>All are safe for all threads. Where something arrives on another thread, an {@code await…} method waits for it on a
 * condition, with a deadline that fails the test.
 */
@NullMarked
package org.pipecatmanager.ports.fake;

import org.jspecify.annotations.NullMarked;
