@NullMarked
package org.pipecatmanager.adapter.mysql;

import org.jspecify.annotations.NullMarked;
