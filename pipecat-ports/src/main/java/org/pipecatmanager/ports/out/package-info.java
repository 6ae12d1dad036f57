/**
 * What we ask of the world: store, events, runner, tools, agents, clocks, meters.
 *
 * <p>Implemented by adapters and {@code ports.memory}, called by {@code pipecat-domain}. Each interface states its threads,
 * its failures and the contract suite an implementation passes.
 *
 * <pre>
 * PipecatManagerException (unchecked)
 *  ├─ RequestException        a request cannot be met: status, reason, message
 *  ├─ StoreException          the store cannot be reached
 *  ├─ RunnerException         the runner refused or cannot be reached
 *  ├─ ManagerException        another service of the platform did not do what it was asked
 *  └─ ConfigurationException  the configuration cannot be used: all problems
 * </pre>
 */
@NullMarked
package org.pipecatmanager.ports.out;

import org.jspecify.annotations.NullMarked;
