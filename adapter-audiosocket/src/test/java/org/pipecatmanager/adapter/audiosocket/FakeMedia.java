package org.pipecatmanager.adapter.audiosocket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.LegGate.Origin;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * Writes numbered frames against an absolute deadline, every sample of a frame its number, and keeps what it is told. It
 * notes what a server must not do: another thread, a call after the end, a tick before its moment.
 */
final class FakeMedia implements LegMedia {
    final PipecatcallId id;
    final Origin origin;
    final List<Character> keys = new CopyOnWriteArrayList<>();
    final List<LegEnd> ends = new CopyOnWriteArrayList<>();
    final List<String> offences = new CopyOnWriteArrayList<>();
    final AtomicInteger ticks = new AtomicInteger();
    volatile long periodNanos = 20_000_000;
    volatile boolean endAtNextTick;
    volatile boolean throwAtNextTick;
    volatile boolean throwAtAudio;
    volatile boolean throwAtClose;
    volatile Runnable atTick = () -> {};
    volatile @Nullable AudioFormat lastFormat;
    private final ReentrantLock lock = new ReentrantLock();
    private byte[] heard = new byte[0];
    private final short[] frame = new short[3840];
    private @Nullable Thread thread;
    private long wanted;

    FakeMedia(PipecatcallId id, Origin origin) {
        this.id = id;
        this.origin = origin;
    }

    @Override
    public void callerAudio(ByteBuffer pcm, AudioFormat format) {
        check("callerAudio");
        if (throwAtAudio) {
            throw new IllegalStateException("the media was told to fail at audio");
        }
        if (pcm.remaining() % 2 != 0 || !pcm.hasRemaining()) {
            offences.add("callerAudio with " + pcm.remaining() + " bytes");
        }
        lastFormat = format;
        lock.lock();
        try {
            int before = heard.length;
            heard = Arrays.copyOf(heard, before + pcm.remaining());
            pcm.get(heard, before, heard.length - before);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void pressed(char key) {
        check("pressed");
        keys.add(key);
    }

    @Override
    public long tick(long nowNanos, FrameSink sink) {
        check("tick");
        if (throwAtNextTick) {
            throw new IllegalStateException("the media was told to fail at a tick");
        }
        atTick.run();
        boolean endNow = endAtNextTick;
        int number = ticks.get();
        if (number == 0) {
            wanted = nowNanos;
        }
        if (nowNanos - wanted < 0) {
            offences.add("tick " + number + " came " + (wanted - nowNanos) + " ns early");
        }
        int samples = sink.format().samplesPerFrame();
        Arrays.fill(frame, 0, samples, (short) number);
        sink.audio(frame, 0, samples);
        ticks.incrementAndGet();
        if (endNow) {
            sink.end();
        }
        wanted = Math.max(wanted + periodNanos, nowNanos + 1);
        return wanted;
    }

    @Override
    public void closed(LegEnd how) {
        check("closed");
        ends.add(how);
        if (throwAtClose) {
            throw new IllegalStateException("the media was told to fail at its close");
        }
    }

    private void check(String call) {
        if (thread == null) {
            thread = Thread.currentThread();
        } else if (thread != Thread.currentThread()) {
            offences.add(call + " on " + Thread.currentThread() + " after " + thread);
        }
        if (!ends.isEmpty()) {
            offences.add(call + " after closed(" + ends + ")");
        }
    }

    byte[] heard() {
        lock.lock();
        try {
            return heard.clone();
        } finally {
            lock.unlock();
        }
    }

    List<String> offences() {
        return new ArrayList<>(offences);
    }
}
