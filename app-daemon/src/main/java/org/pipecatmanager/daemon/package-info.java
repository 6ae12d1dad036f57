/** Chooses, configures, starts and stops. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.daemon;
