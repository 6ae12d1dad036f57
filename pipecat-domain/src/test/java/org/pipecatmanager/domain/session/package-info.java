/** Tests of the session machine. */
@NullMarked
package org.pipecatmanager.domain.session;

import org.jspecify.annotations.NullMarked;
