/** Tests of the conversation. */
@NullMarked
package org.pipecatmanager.domain.conversation;

import org.jspecify.annotations.NullMarked;
