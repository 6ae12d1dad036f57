/**
 * The load bench: plays Asterisk, the managers and the runners around one daemon, and measures it beside a bare relay.
 *
 * <p>Two threads make all traffic ({@link org.pipecatmanager.load.Generator}); they allocate nothing per frame, because
 * they share the cores with what they measure. Everything else happens before and after. See docs/performance.md.
 */
@NullMarked
package org.pipecatmanager.load;

import org.jspecify.annotations.NullMarked;
