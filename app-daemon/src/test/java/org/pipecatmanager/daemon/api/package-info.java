/** Holds what embedders compile against to what was released: {@code dev/api}. */
@NullMarked
package org.pipecatmanager.daemon.api;

import org.jspecify.annotations.NullMarked;
