/** Why a call was bad: rules over what is kept of it. Pure: what they know is in {@link org.pipecatmanager.daemon.explain.Evidence}. */
@NullMarked
package org.pipecatmanager.daemon.explain;

import org.jspecify.annotations.NullMarked;
