package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerLink;

/** A gate that keeps the port's promise: sessions with a token, one socket per direction, what was heard in order. */
final class TestRunnerGate implements RunnerGate {
    private final Map<PipecatcallId, Secret> sessions = new ConcurrentHashMap<>();
    private final Map<String, Heard> taken = new ConcurrentHashMap<>();

    void expect(PipecatcallId id, String token) {
        sessions.put(id, Secret.of(token));
    }

    @Override
    public LinkAdmission admit(PipecatcallId id, LinkDirection direction, Secret token) {
        Secret expected = sessions.get(id);
        if (expected == null) {
            return new LinkAdmission.Refused(Refusal.NO_SESSION);
        }
        if (!expected.matches(token.reveal())) {
            return new LinkAdmission.Refused(Refusal.UNAUTHORIZED);
        }
        String place = id + "/" + direction;
        var heard = new Heard(() -> taken.remove(place));
        return taken.putIfAbsent(place, heard) == null
                ? new LinkAdmission.Admitted(heard)
                : new LinkAdmission.Refused(Refusal.TAKEN);
    }

    /** The socket that has a place now. */
    Heard at(PipecatcallId id, LinkDirection direction) {
        Heard heard = taken.get(id + "/" + direction);
        if (heard == null) {
            throw new AssertionError("no socket of " + id + " is admitted for " + direction);
        }
        return heard;
    }

    /** What one socket's listener heard. */
    static final class Heard implements Listener {
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        final List<String> misdeeds = new ArrayList<>();
        private final AtomicInteger inside = new AtomicInteger();
        private final Runnable onClosed;
        private final BlockingQueue<LinkEnd> endings = new LinkedBlockingQueue<>();
        private volatile @Nullable RunnerLink link;

        Heard(Runnable onClosed) {
            this.onClosed = onClosed;
        }

        record Audio(List<Short> samples, int sampleRateHz) {}

        record Interrupted() {}

        @Override
        public void opened(RunnerLink opened) {
            link = opened;
            note("opened");
        }

        @Override
        public void audio(ByteBuffer pcm, int sampleRateHz) {
            List<Short> samples = new ArrayList<>();
            while (pcm.hasRemaining()) {
                samples.add(pcm.getShort());
            }
            note(new Audio(samples, sampleRateHz));
        }

        @Override
        public void interrupted() {
            note(new Interrupted());
        }

        @Override
        public void message(RunnerMessage message) {
            note(message);
        }

        @Override
        public void closed(LinkEnd end) {
            onClosed.run();
            endings.add(end);
            note(end);
        }

        private void note(Object event) {
            if (inside.incrementAndGet() != 1) {
                misdeeds.add("two calls at once");
            }
            events.add(event);
            inside.decrementAndGet();
        }

        Object next() throws InterruptedException {
            Object event = events.poll(10, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("nothing was heard for 10 s");
            }
            return event;
        }

        /** The end, skipping what was heard before. */
        LinkEnd end() throws InterruptedException {
            while (true) {
                if (next() instanceof LinkEnd end) {
                    return end;
                }
            }
        }

        int ends() {
            return endings.size();
        }

        LinkEnd lastEnd() {
            return endings.element();
        }

        RunnerLink link() {
            RunnerLink opened = link;
            if (opened == null) {
                throw new AssertionError("the link never opened");
            }
            return opened;
        }
    }
}
