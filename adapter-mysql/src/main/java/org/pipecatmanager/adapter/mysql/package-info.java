/** Durable records. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.mysql;
