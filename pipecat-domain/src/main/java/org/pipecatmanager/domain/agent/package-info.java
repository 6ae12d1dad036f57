/**
 * Which agent answers a call, and what that means for its session.
 *
 * <p>Only the engine uses it. Pure; safe for all threads.
 */
@NullMarked
package org.pipecatmanager.domain.agent;

import org.jspecify.annotations.NullMarked;
