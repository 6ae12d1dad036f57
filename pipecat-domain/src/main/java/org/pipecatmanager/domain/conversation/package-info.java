/**
 * What a conversation means: the runner's messages, the leg's sounds and keys become the ordered events of a call.
 *
 * <p>Only the engine uses it, from the one thread that owns a session at a time; nothing here is shared or blocks. Time
 * comes in as an argument, events go out through {@link Conversation.Output}.
 */
@NullMarked
package org.pipecatmanager.domain.conversation;

import org.jspecify.annotations.NullMarked;
