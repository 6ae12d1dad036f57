package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

import org.pipecatmanager.daemon.architecture.violators.adapter.redis.Neighbour;

record AdapterThatKnowsAnother(Neighbour neighbour) {}
