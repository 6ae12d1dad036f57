/** Asterisk AudioSocket over TCP. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.audiosocket;
