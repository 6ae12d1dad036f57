/**
 * The daemon put together: one Guice module per adapter, and the order in which everything starts and ends.
 *
 * <p>Modules hold {@code @Provides} methods and nothing clever.
 */
@NullMarked
package org.pipecatmanager.daemon.wiring;

import org.jspecify.annotations.NullMarked;
