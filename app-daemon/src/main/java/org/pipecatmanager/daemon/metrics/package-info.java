/**
 * What Prometheus sees. Counting is adding to an adder: no lock, no allocation; everything else happens when somebody scrapes.
 */
@NullMarked
package org.pipecatmanager.daemon.metrics;

import org.jspecify.annotations.NullMarked;
