/**
 * Sound between the caller and the runner: sample-rate conversion of mono 16-bit PCM.
 *
 * <p>Depends on nothing but the JDK. Objects here belong to one thread at a time, the one that moves the audio of their session;
 * only immutable tables are shared. Samples come from the leg or the runner link and go on to the other, or to the playout queue.
 */
@NullMarked
package org.pipecatmanager.domain.audio;

import org.jspecify.annotations.NullMarked;
