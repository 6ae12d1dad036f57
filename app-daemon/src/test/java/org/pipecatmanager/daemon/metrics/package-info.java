/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.metrics;

import org.jspecify.annotations.NullMarked;
