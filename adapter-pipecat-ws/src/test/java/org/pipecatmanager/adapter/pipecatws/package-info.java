/** Tests of the runner's side, on real sockets where there are any. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.pipecatws;
