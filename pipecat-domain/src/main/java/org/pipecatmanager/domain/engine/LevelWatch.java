package org.pipecatmanager.domain.engine;

import java.util.function.BooleanSupplier;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.audio.LevelMeter;
import org.pipecatmanager.ports.in.LevelFeed;
import org.pipecatmanager.ports.model.AudioLevels;
import org.pipecatmanager.ports.out.TimeSource;

/** One who watches the sound of a call: a meter on its bridge for as long. */
final class LevelWatch implements LevelFeed.Watch {
    private final AudioBridge bridge;
    private final BooleanSupplier live;
    private final TimeSource time;
    private final LevelMeter meter = new LevelMeter();
    private volatile boolean closed;

    /**
     * Begins to measure.
     *
     * @param live whether the call still is; any thread
     */
    LevelWatch(AudioBridge bridge, BooleanSupplier live, TimeSource time) {
        this.bridge = bridge;
        this.live = live;
        this.time = time;
        bridge.tap(meter);
    }

    @Override
    public boolean isOpen() {
        return !closed && live.getAsBoolean();
    }

    @Override
    public AudioLevels look() {
        LevelMeter.Reading loud = meter.look();
        AudioBridge.Snapshot now = bridge.snapshot();
        return new AudioLevels(
                time.now(),
                loud.callerDbfs(),
                loud.botDbfs(),
                loud.playing(),
                now.queuedMillis(),
                now.cushionMillis(),
                now.underruns(),
                now.concealedFrames(),
                now.uplinkDiscarded());
    }

    @Override
    public void close() {
        closed = true;
        bridge.untap(meter);
    }
}
