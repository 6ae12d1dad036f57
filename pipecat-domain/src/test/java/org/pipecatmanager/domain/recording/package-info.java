/** Recordings: both edges on one clock, whatever packets and disks do. */
@NullMarked
package org.pipecatmanager.domain.recording;

import org.jspecify.annotations.NullMarked;
