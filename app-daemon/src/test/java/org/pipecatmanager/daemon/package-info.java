/** Tests of the daemon as a whole. */
@NullMarked
package org.pipecatmanager.daemon;

import org.jspecify.annotations.NullMarked;
