/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.explain;

import org.jspecify.annotations.NullMarked;
