package org.pipecatmanager.daemon.replay;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.tape.Entry;
import org.pipecatmanager.daemon.tape.Kind;
import org.pipecatmanager.daemon.tape.MemoryTape;
import org.pipecatmanager.daemon.tape.TapeValues;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * Plays what came in on a tape to an engine of its own, in the tape's time, and tapes what comes out. The same tape gives the same
 * bytes, whatever the machine does. One thread.
 */
public final class Replay {
    private static final String LAUNCH = "launch";
    private static final String TOOL = "tool ";
    /** Of the thread that calls a tool: which one, as the runner names it. */
    private static final ThreadLocal<String> TOOL_CALLED = ThreadLocal.withInitial(() -> "");

    private final List<Entry> tape;
    private final PipecatcallId id;
    private final Turns turns = new Turns();
    private final TapeTime time;
    private final List<Entry> played = new ArrayList<>();
    private final MemoryTape heard;
    private final LegGate legs;
    private final RunnerGate runners;
    private final ToolCallbacks callbacks;
    private final PipecatcallControl control;
    private final Map<LinkDirection, RunnerGate.Listener> listeners = new HashMap<>();
    /** What a tool call or a launch ended with, by name, for who waits for it. */
    private final Map<String, Entry> answers = new HashMap<>();

    private @Nullable LegMedia leg;
    private Secret token = Secret.of("");
    private AudioFormat format = AudioFormat.SLIN_8K;

    private Replay(List<Entry> tape) {
        this.tape = tape;
        Entry header = tape.getFirst();
        id = PipecatcallId.parse(header.text("call"));
        time = new TapeTime(Instant.parse(header.text("at")));
        heard = new MemoryTape(id, time);
        Taping taping = Taping.onto(heard);
        Agent agent = agent();
        PipecatEngine engine = PipecatEngine.builder()
                .agents(new StaticAgentCatalog(List.of(agent), agent.name()))
                .publisher(taping.events(event -> {}))
                .launcher(taping.launcher(new TapedRunner()))
                .time(time)
                .alarms(time)
                .ids(new Counted())
                .tools(this::execute)
                .threads(turns)
                .build();
        legs = taping.legs(engine);
        runners = taping.runners(engine);
        callbacks = taping.callbacks(engine);
        control = taping.control(engine);
    }

    /**
     * Plays a tape.
     *
     * @param tape as {@code TapeReader} reads it
     * @return the tape of the replay: what was played, and what came out
     * @throws IllegalArgumentException nothing was launched on it, so that there is nothing to play
     */
    public static List<Entry> of(List<Entry> tape) {
        return new Replay(tape).play();
    }

    private Agent agent() {
        return tape.stream()
                .filter(entry -> entry.kind() == Kind.LAUNCH)
                .findFirst()
                .map(TapeValues::agent)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no pipeline was asked for on this tape of call " + id + ": the call ended before that"));
    }

    private List<Entry> play() {
        Kind first = tape.stream().anyMatch(entry -> entry.kind() == Kind.START) ? Kind.START : Kind.LEG_OPENED;
        played.add(tape.getFirst());
        // What began the call is on the tape after what it set off.
        tape.stream().filter(entry -> entry.kind() == first).findFirst().ifPresent(this::step);
        boolean begun = false;
        for (Entry entry : tape) {
            if (entry.kind() == first && !begun) {
                begun = true;
            } else if (entry.kind().side() == Kind.Side.IN) {
                step(entry);
            }
        }
        turns.wakeAll();
        played.addAll(heard.take());
        return List.copyOf(played);
    }

    private void step(Entry entry) {
        time.advanceTo(entry.nanos());
        perform(entry);
        played.addAll(heard.take());
    }

    private void perform(Entry entry) {
        switch (entry.kind()) {
            case START -> control.start(StartCommand.ofAgent(id, agent().name()));
            case STOP -> control.stop(id);
            case TEXT -> text(entry);
            case LEG_OPENED -> openLeg();
            case CALLER_AUDIO -> leg().callerAudio(pcm(entry), new AudioFormat((int) entry.number("rate")));
            case KEY -> leg().pressed(entry.text("key").charAt(0));
            case TICK -> {
                format = new AudioFormat((int) entry.number("rate"));
                leg().tick(entry.nanos(), new Ear());
            }
            case LEG_CLOSED -> leg().closed(LegEnd.valueOf(entry.text("how")));
            case LAUNCHED -> {
                answers.put(LAUNCH, entry);
                turns.wake(LAUNCH);
            }
            case LINK_OPENED -> openLink(LinkDirection.valueOf(entry.text("direction")));
            case BOT_AUDIO -> speaking().ifPresent(runner -> runner.audio(pcm(entry), (int) entry.number("rate")));
            case INTERRUPTED -> speaking().ifPresent(RunnerGate.Listener::interrupted);
            case RUNNER_MESSAGE ->
                TapeValues.messageOf(entry)
                        .ifPresent(message -> speaking().ifPresent(runner -> runner.message(message)));
            case LINK_CLOSED -> closeLink(entry);
            case TOOL_CALL -> turns.call(TOOL + entry.text("id"), () -> callTool(entry));
            case TOOL_RESULT -> {
                answers.put(TOOL + entry.text("id"), entry);
                turns.wake(TOOL + entry.text("id"));
            }
            default -> throw new IllegalStateException(entry.kind() + " is nothing that comes in");
        }
    }

    private void text(Entry entry) {
        try {
            control.sendMessage(new MessageCommand(
                    id,
                    entry.text("message_id"),
                    entry.text("text"),
                    entry.isTrue("run_immediately"),
                    entry.isTrue("audio_response")));
        } catch (RequestException e) {
            // Refused then as now; what it did is compared.
        }
    }

    private void openLeg() {
        if (legs.admit(id, new LegGate.Origin(new InetSocketAddress(0), ""))
                instanceof LegGate.LegAdmission.Admitted(LegMedia media)) {
            leg = media;
        }
    }

    private LegMedia leg() {
        if (leg == null) {
            throw new IllegalArgumentException("the caller was let in on the tape, and is refused now");
        }
        return leg;
    }

    private void openLink(LinkDirection direction) {
        if (runners.admit(id, direction, token)
                instanceof RunnerGate.LinkAdmission.Admitted(RunnerGate.Listener listener)) {
            listeners.put(direction, listener);
            listener.opened(new Line(direction));
        }
    }

    /** Who hears the socket on which the runner speaks; nobody where it was not let in now. */
    private Optional<RunnerGate.Listener> speaking() {
        return Optional.ofNullable(listeners.get(LinkDirection.BOTH))
                .or(() -> Optional.ofNullable(listeners.get(LinkDirection.OUTPUT)));
    }

    private void closeLink(Entry entry) {
        RunnerGate.Listener listener = listeners.remove(LinkDirection.valueOf(entry.text("direction")));
        if (listener != null) {
            listener.closed(new LinkEnd((int) entry.number("code"), LinkEnd.Cause.valueOf(entry.text("cause"))));
        }
    }

    private void callTool(Entry entry) {
        TOOL_CALLED.set(entry.text("id"));
        try {
            callbacks.toolCalled(id, token, new ToolCall(entry.text("id"), entry.text("name"), "{}", Map.of()));
        } catch (RequestException e) {
            // Refused then as now; what it did is compared.
        }
    }

    private ToolResult execute(Pipecatcall call, ToolDefinition tool, ToolCall toolCall) {
        String name = TOOL + TOOL_CALLED.get();
        turns.await(name);
        Entry answer = answers.get(name);
        return answer != null && answer.isTrue("succeeded")
                ? ToolResult.success(toolCall.id(), null)
                : ToolResult.failure(toolCall.id(), "failed on the tape");
    }

    private static ByteBuffer pcm(Entry entry) {
        return ByteBuffer.wrap(entry.pcm()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The runner of the tape: answers when the tape says so. */
    private final class TapedRunner implements RunnerLauncher {
        @Override
        public void start(RunnerLaunch launch) {
            token = launch.token();
            turns.await(LAUNCH);
            Entry answer = answers.remove(LAUNCH);
            String failure = answer == null ? RunnerException.Kind.UNREACHABLE.name() : answer.text("failure");
            if (!failure.isEmpty()) {
                String message = answer == null ? "the tape has no answer" : answer.text("message");
                throw new RunnerException(RunnerException.Kind.valueOf(failure), message, null);
            }
        }

        @Override
        public void stop(PipecatcallId call) {}

        @Override
        public Map<String, Object> providers() {
            return Map.of();
        }

        @Override
        public boolean isReady() {
            return true;
        }
    }

    /** Takes frames in the format that Asterisk had at the time. */
    private final class Ear implements LegMedia.FrameSink {
        @Override
        public AudioFormat format() {
            return format;
        }

        @Override
        public void audio(short[] samples, int offset, int length) {}

        @Override
        public void end() {}
    }

    /** A socket to nobody: what is said on it is on the tape. */
    private record Line(LinkDirection direction) implements RunnerLink {
        @Override
        public void audio(short[] samples, int offset, int length, int sampleRateHz) {}

        @Override
        public void send(RunnerCommand command) {}

        @Override
        public void playout(long positionMillis, long limitMillis, long queuedMillis) {}

        @Override
        public void flushed(long atMillis, long droppedMillis, long limitMillis) {}

        @Override
        public void close() {}
    }

    /** Ids and tokens, the same every time. */
    private static final class Counted implements IdSource {
        private long last;

        @Override
        public UUID nextId() {
            return new UUID(0, ++last);
        }

        @Override
        public Secret nextToken() {
            return Secret.of("token-" + ++last);
        }
    }
}
