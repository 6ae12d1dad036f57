/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.config;

import org.jspecify.annotations.NullMarked;
