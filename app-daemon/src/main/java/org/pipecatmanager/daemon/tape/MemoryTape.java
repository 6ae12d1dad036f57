package org.pipecatmanager.daemon.tape;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.TimeSource;

/** The tape of one call in memory, for a replay. {@link #take} is for one thread. */
public final class MemoryTape implements Tapes {
    private final Tape tape;

    /** An empty one that begins now. */
    public MemoryTape(PipecatcallId id, TimeSource time) {
        tape = new Tape(id, time);
    }

    @Override
    public Tape begun(PipecatcallId id) {
        return tape;
    }

    @Override
    public @Nullable Tape find(PipecatcallId id) {
        return tape;
    }

    /**
     * What was added since it was asked last; often enough, because no more than {@value Tape#MAX_WAITING_BYTES} bytes wait.
     *
     * @throws IllegalStateException something was lost all the same
     */
    public List<Entry> take() {
        List<Entry> taken = new ArrayList<>();
        for (Entry entry = tape.take(); entry != null; entry = tape.take()) {
            taken.add(entry);
        }
        int lost = tape.takeLost();
        if (lost > 0) {
            throw new IllegalStateException(lost + " entries of a replay were lost");
        }
        return taken;
    }

    @Override
    public void close() {}
}
