/** The form of the log. Logback makes what is here, by name, from {@code logback.xml}. */
@NullMarked
package org.pipecatmanager.daemon.logging;

import org.jspecify.annotations.NullMarked;
