package org.pipecatmanager.daemon.architecture.violators.ports;

import org.pipecatmanager.daemon.architecture.violators.domain.Decision;

interface PortThatKnowsTheDomain {
    Decision ask();
}
