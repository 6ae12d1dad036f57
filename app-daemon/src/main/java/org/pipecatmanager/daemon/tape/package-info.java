/** Tapes: both edges of a call in a file, to look at, and to play back (docs/protocol/tape.md). */
@NullMarked
package org.pipecatmanager.daemon.tape;

import org.jspecify.annotations.NullMarked;
