/** Cache and lease. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.redis;
