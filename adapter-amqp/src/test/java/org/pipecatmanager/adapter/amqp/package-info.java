/** Tests of the package of the same name; those that need a broker find it in {@code PIPECAT_AMQP_URL}. */
@NullMarked
package org.pipecatmanager.adapter.amqp;

import org.jspecify.annotations.NullMarked;
