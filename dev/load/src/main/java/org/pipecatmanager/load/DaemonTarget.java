package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The daemon in a process of its own, with our runners. */
abstract class DaemonTarget implements Target {
    private final Runners runners;
    private final DaemonProcess daemon;

    /**
     * Starts it and waits until it says that it is ready.
     *
     * @param folder   for its files
     * @param settings beside those that every daemon gets here
     */
    DaemonTarget(Path folder, Map<String, String> settings) throws IOException {
        runners = new Runners();
        Map<String, String> all = new HashMap<>();
        all.put("RUNNER_URL", runners.url().toString());
        all.put("HTTP_LISTEN_ADDRESS", "127.0.0.1:0");
        all.put("AUDIOSOCKET_LISTEN_ADDRESS", "127.0.0.1:0");
        all.put("PROMETHEUS_LISTEN_ADDRESS", "127.0.0.1:0");
        all.putAll(settings);
        daemon = new DaemonProcess(folder, all);
    }

    final Runners runners() {
        return runners;
    }

    final DaemonProcess daemon() {
        return daemon;
    }

    @Override
    public final String name() {
        return "ours";
    }

    @Override
    public final boolean paces() {
        return true;
    }

    @Override
    public final boolean isReady() throws IOException, InterruptedException {
        return daemon.isReady();
    }

    @Override
    public final ProcessFigures figures() {
        return daemon.figures();
    }

    @Override
    public final double allocatedBytes() throws IOException, InterruptedException {
        return daemon.allocatedBytes();
    }

    @Override
    public final GcLog.Pauses pauses() throws IOException {
        return daemon.pauses();
    }

    @Override
    public final int settle() throws IOException, InterruptedException {
        int left = daemon.settle();
        runners.forget();
        return left;
    }

    @Override
    public void close() {
        daemon.close();
        runners.close();
    }
}
