/** Tests of the engine. */
@NullMarked
package org.pipecatmanager.domain.engine;

import org.jspecify.annotations.NullMarked;
