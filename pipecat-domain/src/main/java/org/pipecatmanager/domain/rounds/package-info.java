/**
 * Work that is done again and again. The reaper and the tool catalogue use it.
 *
 * <p><b>Threads.</b> An alarm begins a round, a thread of its own does it.
 */
@NullMarked
package org.pipecatmanager.domain.rounds;

import org.jspecify.annotations.NullMarked;
