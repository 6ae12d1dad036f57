/** The client of the control API: a command line. JSON on stdout, messages on stderr. */
@NullMarked
package org.pipecatmanager.daemon.control;

import org.jspecify.annotations.NullMarked;
