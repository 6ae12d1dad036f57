/** Tests of the package. */
@NullMarked
package org.pipecatmanager.domain.reaper;

import org.jspecify.annotations.NullMarked;
