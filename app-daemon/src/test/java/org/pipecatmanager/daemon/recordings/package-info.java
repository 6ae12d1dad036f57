/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.recordings;

import org.jspecify.annotations.NullMarked;
