/** Tools as HTTP webhooks. Runs on the thread of the tool call, which may block. */
@NullMarked
package org.pipecatmanager.daemon.tools;

import org.jspecify.annotations.NullMarked;
