package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** Steady traffic on a real socket makes no garbage on the loop's thread. */
class LoopAllocationTest {
    private static final int WARM_UP_FRAMES = 500;
    private static final int MEASURED_FRAMES = 1500;
    /** Far below the smallest object, 16 bytes, per frame; what is left comes from rare slow paths of the JDK. */
    private static final long MOST_BYTES_PER_FRAME = 4;

    /** Reads the thread's own counter, in its ticks. */
    private static final class Measuring implements LegMedia {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final short[] frame = new short[160];
        private int frames;
        private int heard;
        private int heardBefore;
        private long before;
        volatile long allocatedBytes = -1;
        volatile int heardWhileMeasured;

        @Override
        public void callerAudio(ByteBuffer pcm, AudioFormat format) {
            heard++;
        }

        @Override
        public void pressed(char key) {}

        @Override
        public long tick(long nowNanos, FrameSink sink) {
            sink.audio(frame, 0, frame.length);
            frames++;
            if (frames == WARM_UP_FRAMES) {
                heardBefore = heard;
                before = threads.getCurrentThreadAllocatedBytes();
            } else if (frames == WARM_UP_FRAMES + MEASURED_FRAMES) {
                allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;
                heardWhileMeasured = heard - heardBefore;
                sink.end();
            }
            return nowNanos + 1_000_000;
        }

        @Override
        public void closed(LegEnd how) {}
    }

    @Test
    void frames_in_and_out_allocate_nothing() throws IOException {
        Measuring measuring = new Measuring();
        AudioSocketConfig config =
                AudioSocketConfig.listeningOn(List.of(new AudioSocketConfig.Listener(ServerFixture.loopback(0), "")));
        try (SystemTime time = new SystemTime();
                AudioSocketServer server = AudioSocketServer.create(
                        config,
                        (id, origin) -> new LegGate.LegAdmission.Admitted(measuring),
                        ConnectionMeter.NONE,
                        time)) {
            server.start();
            try (Peer peer = new Peer(server.addresses().getFirst()).hello()) {
                byte[] said = Peer.message(0x10, new byte[320]);
                while (!peer.receive().isHangUp()) {
                    peer.send(said);
                }
            }
        }
        assertThat(measuring.heardWhileMeasured).isGreaterThan(MEASURED_FRAMES / 2);
        assertThat(measuring.allocatedBytes).isBetween(0L, MOST_BYTES_PER_FRAME * MEASURED_FRAMES);
    }
}
