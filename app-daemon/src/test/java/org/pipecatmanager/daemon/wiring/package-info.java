/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.wiring;

import org.jspecify.annotations.NullMarked;
