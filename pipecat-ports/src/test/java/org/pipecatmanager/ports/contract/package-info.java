/**
 * One suite per port: everything that implements it passes the suite, adapters with a real peer and fakes alike.
 *
 * <p>A suite is an interface. A test class implements it, gives what the factory methods ask for, and inherits the tests.
 */
@NullMarked
package org.pipecatmanager.ports.contract;

import org.jspecify.annotations.NullMarked;
