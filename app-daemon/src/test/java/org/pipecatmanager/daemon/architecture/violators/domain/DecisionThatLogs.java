package org.pipecatmanager.daemon.architecture.violators.domain;

import org.slf4j.Logger;

record DecisionThatLogs(Logger log) {}
