package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The bare relay in a process of its own. */
final class Floor implements Target {
    /** It needs next to no heap, and no collector. */
    static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-Xmx64m");

    private final Child child;
    private final GcLog gc;
    private final InetSocketAddress callers;
    private final InetSocketAddress runners;

    Floor(Path folder) throws IOException {
        Path log = folder.resolve("floor-gc.log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.add(GcLog.option(log));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FloorRelay.class.getName()));
        child = new Child(new ProcessBuilder(command), Bench.logs().resolve("floor.log"));
        gc = new GcLog(log);
        InetAddress here = InetAddress.getLoopbackAddress();
        callers = new InetSocketAddress(here, child.ready().path("audiosocket").asInt());
        runners = new InetSocketAddress(here, child.ready().path("runner").asInt());
    }

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public ProcessFigures figures() {
        return new ProcessFigures(child.pid());
    }

    @Override
    public double allocatedBytes() throws IOException {
        return Double.parseDouble(child.ask("allocated"));
    }

    @Override
    public GcLog.Pauses pauses() throws IOException {
        return gc.next();
    }

    @Override
    public boolean paces() {
        return false;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void connect(Generator generator, Call call, Speech.Voice voice) throws IOException {
        generator.caller(call, Caller.dial(call, callers));
        generator.runner(call, RelayLink.open(call, runners, voice.on(Wire.Chunks.PLAIN, call.slot(), false)));
    }

    @Override
    public int settle() {
        return 0;
    }

    @Override
    public void close() {
        child.close();
    }
}
