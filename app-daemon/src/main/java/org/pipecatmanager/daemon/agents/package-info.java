/**
 * {@code agents.yaml}: read once at start, checked whole, all problems at once.
 *
 * <p>The file's schema is the annotated {@code config/agents.yaml}. What is not a key of it is refused, with what was probably
 * meant.
 */
@NullMarked
package org.pipecatmanager.daemon.agents;

import org.jspecify.annotations.NullMarked;
