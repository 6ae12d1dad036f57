package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

final class AdapterThatTakesTheProcess {
    void run() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::run));
        if (System.getenv("HOME") == null) {
            System.exit(1);
        }
        Runtime.getRuntime().halt(1);
    }
}
