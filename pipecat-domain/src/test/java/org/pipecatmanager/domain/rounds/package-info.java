/** Tests of the package. */
@NullMarked
package org.pipecatmanager.domain.rounds;

import org.jspecify.annotations.NullMarked;
