package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.AudioLevels;

/** The levels of a live call. */
public final class LevelsWire {
    private LevelsWire() {}

    /**
     * Keys in order: {@code at}, {@code caller_dbfs}, {@code bot_dbfs} (to a tenth), {@code playing}, {@code queued_ms},
     * {@code cushion_ms}, {@code underruns}, {@code concealed_frames}, {@code discarded_frames}.
     */
    public static Map<String, @Nullable Object> toMap(AudioLevels levels) {
        return new MapWriter()
                .time("at", levels.at())
                .always("caller_dbfs", tenths(levels.callerDbfs()))
                .always("bot_dbfs", tenths(levels.botDbfs()))
                .always("playing", levels.playing())
                .always("queued_ms", levels.queuedMillis())
                .always("cushion_ms", levels.cushionMillis())
                .always("underruns", levels.underruns())
                .always("concealed_frames", levels.concealedFrames())
                .always("discarded_frames", levels.discardedFrames())
                .map();
    }

    private static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
