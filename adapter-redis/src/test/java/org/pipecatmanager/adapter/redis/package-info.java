/** Tests of the Redis adapter: those named {@code *IT} need a Redis at {@code PIPECAT_REDIS_URL}. */
@NullMarked
package org.pipecatmanager.adapter.redis;

import org.jspecify.annotations.NullMarked;
