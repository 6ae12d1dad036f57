/** Time and leaks, for the tests of every module. */
@NullMarked
package org.pipecatmanager.ports.testing;

import org.jspecify.annotations.NullMarked;
