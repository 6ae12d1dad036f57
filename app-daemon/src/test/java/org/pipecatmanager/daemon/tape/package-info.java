/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.tape;

import org.jspecify.annotations.NullMarked;
