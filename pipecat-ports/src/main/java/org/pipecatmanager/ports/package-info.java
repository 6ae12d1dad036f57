/** The language of the hexagon. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.ports;
