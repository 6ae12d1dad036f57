/** What is wrong with a set-up, and what to do about it: looks at everything a daemon needs, and changes nothing. */
@NullMarked
package org.pipecatmanager.daemon.doctor;

import org.jspecify.annotations.NullMarked;
