/** Tests of the package. */
@NullMarked
package org.pipecatmanager.domain.platform;

import org.jspecify.annotations.NullMarked;
