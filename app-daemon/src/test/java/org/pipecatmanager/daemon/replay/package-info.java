/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.replay;

import org.jspecify.annotations.NullMarked;
