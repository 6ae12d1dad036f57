package org.pipecatmanager.load;

/** Whether it is measured now. Safe for all threads. */
final class Window {
    private volatile boolean open;
    private volatile boolean split;

    void open() {
        open = true;
    }

    /** What comes from now on is the second half. */
    void split() {
        split = true;
    }

    boolean isSplit() {
        return split;
    }

    void close() {
        open = false;
    }

    boolean isOpen() {
        return open;
    }
}
