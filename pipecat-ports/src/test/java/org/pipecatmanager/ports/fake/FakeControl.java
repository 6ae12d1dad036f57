package org.pipecatmanager.ports.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.memory.InMemoryPipecatcallStore;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.testing.VirtualClock;
import org.pipecatmanager.ports.wire.StartWire;

/**
 * Calls that are records and nothing else: what adapters that drive {@link PipecatcallControl} are tested with. Time stands
 * still at {@link VirtualClock#START}. Safe for all threads.
 */
public final class FakeControl implements PipecatcallControl {
    private final String hostId;
    private final InMemoryPipecatcallStore store = new InMemoryPipecatcallStore(100_000);
    private final Map<PipecatcallId, List<SpokenMessage>> spoken = new ConcurrentHashMap<>();
    private final Map<PipecatcallId, CallReport> reports = new ConcurrentHashMap<>();
    private final Map<PipecatcallId, List<Turn>> turns = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<TraceContext> traces = new CopyOnWriteArrayList<>();
    private final AtomicInteger startsHeld = new AtomicInteger();
    private volatile @Nullable RuntimeException failure;
    private volatile @Nullable CountDownLatch hold;

    /** Makes one that knows no call. */
    public FakeControl(String hostId) {
        this.hostId = hostId;
    }

    /** From now on everything but a ping throws this; null to stop that. */
    public void fail(@Nullable RuntimeException with) {
        failure = with;
    }

    /** From now on starts wait for the latch. */
    public void holdStarts(CountDownLatch until) {
        hold = until;
    }

    /** Starts that wait or waited for the latch. */
    public int startsHeld() {
        return startsHeld.get();
    }

    /** What was asked, in order: {@code start <id>}, {@code stop <id> EVERYWHERE}, … */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** The traces of the starts that came with one, in order. */
    public List<TraceContext> traces() {
        return List.copyOf(traces);
    }

    /** Something was said in a call. */
    public void said(SpokenMessage message) {
        spoken.computeIfAbsent(message.pipecatcallId(), id -> new CopyOnWriteArrayList<>())
                .add(message);
    }

    /** A turn of a call was measured. */
    public void measured(Turn turn) {
        turns.computeIfAbsent(turn.pipecatcallId(), id -> new CopyOnWriteArrayList<>())
                .add(turn);
    }

    @Override
    public Pipecatcall start(StartCommand command) {
        note("start " + command.id());
        var trace = command.trace();
        if (trace != null) {
            traces.add(trace);
        }
        var latch = hold;
        if (latch != null) {
            startsHeld.incrementAndGet();
            await(latch);
        }
        var call = Pipecatcall.accepted(command, hostId, VirtualClock.START);
        if (!store.insert(call, StartWire.hash(command))
                && !store.requestHash(command.id()).orElseThrow().equals(StartWire.hash(command))) {
            throw new RequestException(
                    RequestException.Status.ALREADY_EXISTS, "PIPECATCALL_EXISTS", "another start has this id");
        }
        return get(command.id());
    }

    @Override
    public Pipecatcall get(PipecatcallId id) {
        note("get " + id);
        return known(id);
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        note("list " + query.pageSize());
        return store.list(query);
    }

    @Override
    public Pipecatcall stop(PipecatcallId id, Reach reach) {
        note("stop " + id + " " + reach);
        store.update(known(id).withStatus(PipecatcallStatus.ENDED, EndReason.REQUESTED, VirtualClock.START));
        return known(id);
    }

    @Override
    public Message sendMessage(MessageCommand command, Reach reach) {
        note("message " + command.pipecatcallId() + " " + reach);
        var call = known(command.pipecatcallId());
        return new Message(SequentialIds.id(9_000), call.ref(), SequentialIds.id(9_001), command.text(), 0);
    }

    @Override
    public List<SpokenMessage> messages(PipecatcallId id) {
        note("messages " + id);
        return new ArrayList<>(spoken.getOrDefault(known(id).id(), List.of()));
    }

    /** The control knows what this call was like. */
    public void kept(CallReport report) {
        reports.put(report.pipecatcallId(), report);
    }

    @Override
    public CallReport report(PipecatcallId id) {
        note("report " + id);
        CallReport report = reports.get(known(id).id());
        if (report == null) {
            throw RequestException.notFound();
        }
        return report;
    }

    @Override
    public List<Turn> turns(PipecatcallId id) {
        note("turns " + id);
        return new ArrayList<>(turns.getOrDefault(known(id).id(), List.of()));
    }

    @Override
    public Map<String, Object> providers() {
        note("providers");
        return Map.of("llm", List.of(), "stt", List.of(), "tts", List.of());
    }

    @Override
    public Ping ping() {
        return new Ping(hostId, VirtualClock.START, "instance-of-" + hostId);
    }

    private void note(String what) {
        asked.add(what);
        var with = failure;
        if (with != null) {
            throw with;
        }
    }

    private Pipecatcall known(PipecatcallId id) {
        return store.find(id).orElseThrow(RequestException::notFound);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a test held a start", e);
        }
    }
}
