/** Everything that decides. */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.domain;
