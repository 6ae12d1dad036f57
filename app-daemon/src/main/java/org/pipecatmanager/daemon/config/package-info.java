/**
 * The daemon's settings: flags over environment over file over defaults, read once at start.
 *
 * <p>The only place that reads the environment. {@link org.pipecatmanager.daemon.config.Key} is the one list of keys; everything
 * else is made from it. All problems are gathered and reported together.
 */
@NullMarked
package org.pipecatmanager.daemon.config;

import org.jspecify.annotations.NullMarked;
