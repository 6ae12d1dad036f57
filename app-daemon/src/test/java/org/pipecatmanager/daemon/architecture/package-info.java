/**
 * The rules of the hexagon as tests, over the classes of all modules, and the proof that each of them bites.
 *
 * <p>{@link org.pipecatmanager.daemon.architecture.HexagonRules} states the rules for any root package;
 * {@code ArchitectureTest} applies them to the product, {@code GuardsBiteTest} to the deliberate violators below this
 * package, which repeat the product's package names under a root of their own.
 */
@NullMarked
package org.pipecatmanager.daemon.architecture;

import org.jspecify.annotations.NullMarked;
