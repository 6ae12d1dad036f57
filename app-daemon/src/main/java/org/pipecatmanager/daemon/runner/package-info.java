/**
 * The Python runner as a child process: started, listened to, started again, ended.
 *
 * <p>One virtual thread watches the process, two more read its output; nothing here is called by a media loop.
 */
@NullMarked
package org.pipecatmanager.daemon.runner;

import org.jspecify.annotations.NullMarked;
