/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.doctor;

import org.jspecify.annotations.NullMarked;
