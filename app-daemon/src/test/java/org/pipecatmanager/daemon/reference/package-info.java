/** Pages of the documentation that are held against the code. */
@NullMarked
package org.pipecatmanager.daemon.reference;

import org.jspecify.annotations.NullMarked;
