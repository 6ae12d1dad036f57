package org.pipecatmanager.load;

/** Whether it is measured now. Safe for all threads. */
final class Window {
    private volatile boolean open;

    void open() {
        open = true;
    }

    void close() {
        open = false;
    }

    boolean isOpen() {
        return open;
    }
}
