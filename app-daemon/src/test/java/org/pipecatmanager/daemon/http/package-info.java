/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.http;

import org.jspecify.annotations.NullMarked;
