/** Recordings of calls as files. */
@NullMarked
package org.pipecatmanager.daemon.recordings;

import org.jspecify.annotations.NullMarked;
