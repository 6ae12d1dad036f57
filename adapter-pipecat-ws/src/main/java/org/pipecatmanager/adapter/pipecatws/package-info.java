/** Everything spoken with the Python runner. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.pipecatws;
