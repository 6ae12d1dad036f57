/** Whether the bench can be believed. */
@NullMarked
package org.pipecatmanager.load;

import org.jspecify.annotations.NullMarked;
