/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.tools;

import org.jspecify.annotations.NullMarked;
