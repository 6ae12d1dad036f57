package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

final class UntaggedIT {}
