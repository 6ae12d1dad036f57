/** Tests of the agent. */
@NullMarked
package org.pipecatmanager.domain.agent;

import org.jspecify.annotations.NullMarked;
