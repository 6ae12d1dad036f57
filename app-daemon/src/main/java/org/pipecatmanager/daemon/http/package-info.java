/**
 * The control API: the JSON of the platform's RPC over HTTP, server-sent events of a call, health.
 *
 * <p>Everything here runs on the virtual thread of its request.
 */
@NullMarked
package org.pipecatmanager.daemon.http;

import org.jspecify.annotations.NullMarked;
