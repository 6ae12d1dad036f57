/** Sends the spans of calls by OpenTelemetry's protocol. No class of OpenTelemetry is loaded before there is somewhere to. */
@NullMarked
package org.pipecatmanager.daemon.tracing;

import org.jspecify.annotations.NullMarked;
