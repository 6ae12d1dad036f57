/** Tests of the package of the same name. */
@NullMarked
package org.pipecatmanager.daemon.agents;

import org.jspecify.annotations.NullMarked;
