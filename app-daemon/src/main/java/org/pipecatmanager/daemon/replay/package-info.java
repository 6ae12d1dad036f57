/** Plays tapes back, against an engine in virtual time, and says what came out differently. */
@NullMarked
package org.pipecatmanager.daemon.replay;

import org.jspecify.annotations.NullMarked;
