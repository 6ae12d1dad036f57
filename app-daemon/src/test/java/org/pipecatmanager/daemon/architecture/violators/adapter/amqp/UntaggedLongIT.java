package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

import org.junit.jupiter.api.Tag;

@Tag("it")
final class UntaggedLongIT {}
