package org.pipecatmanager.ports.fake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * A runner's socket without a socket: records what the daemon sends and says what a test tells it to.
 *
 * <p>While stalled nothing reaches the runner; what is sent waits within the same kind of bounds a real link has.
 */
public final class FakeRunnerLink implements RunnerLink {
    /** Audio chunks that wait while stalled; the oldest goes first. */
    public static final int AUDIO_BOUND = 50;
    /** Commands and reports that wait while stalled; one more closes the link. */
    public static final int CONTROL_BOUND = 256;

    /** Something the runner received. */
    public sealed interface Sent {}

    /** Caller audio; the array is a copy. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and a test wants the samples
    public record Audio(short[] samples, int sampleRateHz) implements Sent {}

    /** A command. */
    public record Command(RunnerCommand command) implements Sent {}

    /** A playout report, milliseconds. */
    public record Playout(long positionMillis, long limitMillis, long queuedMillis) implements Sent {}

    /** An answer to an interruption, milliseconds. */
    public record Flushed(long atMillis, long droppedMillis, long limitMillis) implements Sent {}

    private final LinkDirection direction;
    private final Recorded<Sent> received = new Recorded<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Sent> waiting = new ArrayDeque<>();
    private boolean stalled;
    private boolean closed;
    private long droppedAudio;
    private RunnerGate.@Nullable Listener listener;

    public FakeRunnerLink(LinkDirection direction) {
        this.direction = direction;
    }

    /** One socket both ways. */
    public FakeRunnerLink() {
        this(LinkDirection.BOTH);
    }

    // ---- what the daemon does -------------------------------------------------------------------------------------

    @Override
    public LinkDirection direction() {
        return direction;
    }

    @Override
    public void audio(short[] samples, int offset, int length, int sampleRateHz) {
        put(new Audio(Arrays.copyOfRange(samples, offset, offset + length), sampleRateHz));
    }

    @Override
    public void send(RunnerCommand command) {
        put(new Command(command));
    }

    @Override
    public void playout(long positionMillis, long limitMillis, long queuedMillis) {
        put(new Playout(positionMillis, limitMillis, queuedMillis));
    }

    @Override
    public void flushed(long atMillis, long droppedMillis, long limitMillis) {
        put(new Flushed(atMillis, droppedMillis, limitMillis));
    }

    @Override
    public void close() {
        end(new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_US));
    }

    private void put(Sent what) {
        boolean overrun = false;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (!stalled) {
                received.add(what);
                return;
            }
            boolean isAudio = what instanceof Audio;
            long alike = waiting.stream()
                    .filter(one -> one instanceof Audio == isAudio)
                    .count();
            if (isAudio && alike >= AUDIO_BOUND) {
                waiting.removeFirstOccurrence(waiting.stream()
                        .filter(Audio.class::isInstance)
                        .findFirst()
                        .orElseThrow());
                droppedAudio++;
            }
            overrun = !isAudio && alike >= CONTROL_BOUND;
            if (!overrun) {
                waiting.add(what);
            }
        } finally {
            lock.unlock();
        }
        if (overrun) {
            end(new LinkEnd(1006, LinkEnd.Cause.STALLED));
        }
    }

    private void end(LinkEnd how) {
        RunnerGate.@Nullable Listener told;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            told = listener;
        } finally {
            lock.unlock();
        }
        if (told != null) {
            told.closed(how);
        }
    }

    // ---- what the runner does -------------------------------------------------------------------------------------

    /** The socket opens: {@code heard} is told so, and of everything after it. */
    public void open(RunnerGate.Listener heard) {
        lock.lock();
        try {
            listener = heard;
        } finally {
            lock.unlock();
        }
        heard.opened(this);
    }

    /** Bot audio, 16-bit mono. */
    public void speaks(short[] samples, int sampleRateHz) {
        var pcm = ByteBuffer.allocate(samples.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        pcm.asShortBuffer().put(samples);
        listener().audio(pcm, sampleRateHz);
    }

    /** An interruption: no older audio follows. */
    public void interrupts() {
        listener().interrupted();
    }

    /** A message about the conversation. */
    public void says(RunnerMessage message) {
        listener().message(message);
    }

    /** The runner closes, or its connection breaks. */
    public void closes(LinkEnd how) {
        end(how);
    }

    /** The runner stops taking what is sent. */
    public void stall() {
        lock.lock();
        try {
            stalled = true;
        } finally {
            lock.unlock();
        }
    }

    /** The runner takes everything that waits, and what follows. */
    public void resume() {
        lock.lock();
        try {
            stalled = false;
            waiting.forEach(received::add);
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    // ---- what a test sees -----------------------------------------------------------------------------------------

    /** Everything the runner received, in order. */
    public List<Sent> received() {
        return received.all();
    }

    /** Of that, what has type {@code kind}. */
    public <T extends Sent> List<T> received(Class<T> kind) {
        return received.all().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The commands received. */
    public List<RunnerCommand> commands() {
        return received(Command.class).stream().map(Command::command).toList();
    }

    /** Waits for something to be received. */
    public Sent awaitReceived(Predicate<Sent> matches, String what) {
        return received.await(matches, what);
    }

    /** Forgets what was received. */
    public void clear() {
        received.clear();
    }

    /** Audio chunks that were dropped while stalled. */
    public long droppedAudio() {
        lock.lock();
        try {
            return droppedAudio;
        } finally {
            lock.unlock();
        }
    }

    /** Whether either side closed. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private RunnerGate.Listener listener() {
        lock.lock();
        try {
            if (listener == null || closed) {
                throw new IllegalStateException("the fake link is not open; call open(listener) first");
            }
            return listener;
        } finally {
            lock.unlock();
        }
    }
}
