/**
 * The sound of one call: the caller's on its way to the runner, the bot's on its way to the caller by a 20 ms clock, and
 * sample-rate conversion of mono 16-bit PCM for both.
 *
 * <p>Depends on the ports only. {@link org.pipecatmanager.domain.audio.AudioBridge} says which thread owns what; only
 * immutable filter tables are shared between calls. Samples come from the leg or the runner's link and go to the other;
 * nothing here touches a socket.
 */
@NullMarked
package org.pipecatmanager.domain.audio;

import org.jspecify.annotations.NullMarked;
