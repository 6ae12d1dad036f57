/**
 * Microbenchmarks of the parts: how they are run, told and held against a baseline. The benchmarks themselves live in the
 * packages of what they measure, so that they reach what is not public.
 */
@NullMarked
package org.pipecatmanager.microbench;

import org.jspecify.annotations.NullMarked;
