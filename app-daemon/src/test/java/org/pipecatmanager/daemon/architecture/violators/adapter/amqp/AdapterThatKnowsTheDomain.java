package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

import org.pipecatmanager.daemon.architecture.violators.domain.Decision;

record AdapterThatKnowsTheDomain(Decision decision) {}
