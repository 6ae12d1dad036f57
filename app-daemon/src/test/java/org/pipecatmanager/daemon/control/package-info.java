/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.control;

import org.jspecify.annotations.NullMarked;
