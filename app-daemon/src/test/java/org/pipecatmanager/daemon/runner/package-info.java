/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.runner;

import org.jspecify.annotations.NullMarked;
