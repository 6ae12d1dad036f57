package org.pipecatmanager.domain.conversation;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Dtmf;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.MemberSwitched;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStarted;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStopped;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.BotOutput;
import org.pipecatmanager.ports.model.RunnerMessage.BotPaused;
import org.pipecatmanager.ports.model.RunnerMessage.BotReady;
import org.pipecatmanager.ports.model.RunnerMessage.BotStartedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.BotStoppedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.BotTranscription;
import org.pipecatmanager.ports.model.RunnerMessage.CallEnding;
import org.pipecatmanager.ports.model.RunnerMessage.Context;
import org.pipecatmanager.ports.model.RunnerMessage.HeardEstimated;
import org.pipecatmanager.ports.model.RunnerMessage.Metrics;
import org.pipecatmanager.ports.model.RunnerMessage.PipelineError;
import org.pipecatmanager.ports.model.RunnerMessage.ProviderError;
import org.pipecatmanager.ports.model.RunnerMessage.ToolCallInProgress;
import org.pipecatmanager.ports.model.RunnerMessage.ToolCallStopped;
import org.pipecatmanager.ports.model.RunnerMessage.UserLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.UserStartedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.UserStoppedSpeaking;
import org.pipecatmanager.ports.model.RunnerMessage.UserTranscription;
import org.pipecatmanager.ports.model.RunnerMessage.VoiceStopped;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.Speaking;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.model.TurnMetrics;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * Turns what happens in one conversation into its events, in the order in which it happens.
 *
 * <p><b>Threads.</b> Owned by one thread at a time. All times are nanoseconds of the monotonic clock.
 */
public final class Conversation {
    /** Where the results go; called by the methods of the conversation. */
    public interface Output {
        /** An event of the call. */
        void publish(EventType type, EventPayload payload);

        /** Something was said, how far it came, and whether that is an estimate. */
        void said(SpokenMessage.Speaker speaker, String text, boolean interrupted, boolean estimated);

        /** The runner told the conversation as its model has it. */
        void remembered(RunnerMessage.Context told);

        /** What is known of a turn by now; replaces what was told of it before. */
        void turn(Turn turn);

        /** {@link Conversation#speechArrived} is wanted for the next bot audio that comes from the runner. */
        void awaitSpeech();

        /** The time of day at which the monotonic clock stood so. */
        Instant wallClock(long nanos);

        /** {@link Conversation#onTime} is wanted then; replaces an earlier wish. */
        void wakeAt(long nanos);
    }

    private static final Set<EndReason> RUNNER_BROKE =
            Set.of(EndReason.RUNNER_LOST, EndReason.RUNNER_REFUSED, EndReason.RUNNER_TIMEOUT);

    private final SessionRef ref;
    private final IdSource ids;
    private final SessionMeter meter;
    private final Output output;
    private final GenerationText generation;
    private final HeardText heard;
    private final ToolTimes tools;
    private final TurnLedger turns;
    private UUID inReplyTo = Ids.ZERO;
    /** The next interruption is a pause. */
    private boolean pausing;
    /** Where the bot paused; it is not known yet whether it goes on. */
    private @Nullable Cut paused;

    private record Cut(long heardMillis, long droppedMillis, long toldAt, long at) {}

    public Conversation(SessionRef ref, IdSource ids, SessionMeter meter, Output output) {
        this.ref = ref;
        this.ids = ids;
        this.meter = meter;
        this.output = output;
        generation = new GenerationText(ref, ids, meter, output);
        heard = new HeardText(ref, ids, output);
        tools = new ToolTimes(ref, output);
        turns = new TurnLedger(ref.pipecatcallId(), meter, output);
    }

    /**
     * The call is live.
     *
     * @param aloud whether a caller hears the bot; otherwise the two write to each other
     */
    public void live(boolean aloud, long now) {
        if (aloud) {
            turns.live(now);
        } else {
            generation.isWhatIsSaid();
        }
    }

    /** Something the runner told, {@code now} being when it arrived. */
    public void told(RunnerMessage message, long now) {
        switch (message) {
            case UserTranscription said -> {
                if (said.isFinal()) {
                    turns.transcribed(now);
                    if (!said.text().isBlank()) {
                        output.said(SpokenMessage.Speaker.USER, said.text(), false, false);
                    }
                    publishText(EventType.MESSAGE_USER_TRANSCRIPTION, said.text());
                }
            }
            case UserLlmText said -> {
                heard.turnOver();
                publishText(EventType.MESSAGE_USER_LLM, said.text());
            }
            case BotTranscription said -> publishText(EventType.MESSAGE_BOT_TRANSCRIPTION, said.text());
            case BotLlmStarted unused -> {
                heard.turnOver();
                generation.superseded();
            }
            case BotLlmText piece -> {
                turns.token(now);
                generation.add(piece.text(), inReplyTo, now);
            }
            case BotLlmStopped unused -> generation.complete();
            case BotOutput sentence ->
                heard.progress(sentence.segmentId(), sentence.text(), sentence.heard(), sentence.completed());
            case UserStartedSpeaking unused -> {
                turns.callerStarted();
                publishSpeaking(EventType.USER_STARTED_SPEAKING);
            }
            case UserStoppedSpeaking unused -> {
                turns.callerStopped(now);
                publishSpeaking(EventType.USER_STOPPED_SPEAKING);
            }
            case VoiceStopped silent -> turns.voiceStopped(now - TimeUnit.MILLISECONDS.toNanos(silent.agoMillis()));
            case BotStartedSpeaking unused -> publishSpeaking(EventType.BOT_STARTED_SPEAKING);
            case BotStoppedSpeaking unused -> {
                heard.turnOver();
                publishSpeaking(EventType.BOT_STOPPED_SPEAKING);
            }
            case ToolCallInProgress call -> tools.started(call.toolCallId(), call.name(), now);
            case ToolCallStopped call -> tools.finished(call.toolCallId(), !call.cancelled(), now);
            case HeardEstimated estimated -> heard.estimated(estimated.segmentId());
            case BotPaused unused -> pausing = true;
            case Context told -> output.remembered(told);
            case Metrics metrics -> {
                turns.measured(metrics.samples());
                output.publish(EventType.METRICS_REPORTED, new TurnMetrics(ref, metrics.samples()));
            }
            case ProviderError error -> {
                meter.providerFailed(error.failure());
                boolean fatal = error.failure().action().equals("ended");
                output.publish(
                        EventType.ERROR_REPORTED, new Problem(ref, "runner", error.message(), fatal, error.failure()));
            }
            case PipelineError error ->
                output.publish(EventType.ERROR_REPORTED, new Problem(ref, "runner", error.message(), error.fatal()));
            case BotReady unused -> {}
            case CallEnding unused -> {}
        }
    }

    /** A message put into the conversation under this id is what the following generations answer. */
    public void asked(UUID messageId) {
        inReplyTo = messageId;
    }

    /** Text was put into the conversation. */
    public void typed(String text) {
        output.said(SpokenMessage.Speaker.MESSAGE, text, false, false);
    }

    /** The caller pressed a key. */
    public void pressed(char key) {
        output.publish(EventType.DTMF_RECEIVED, new Dtmf(ref, key));
    }

    /** Bot audio came from the runner: the first since {@link Output#awaitSpeech}, or of the call. */
    public void speechArrived(long now) {
        turns.speechArrived(now);
    }

    /** The first bot audio after silence left to the caller. */
    public void botAudible(long now) {
        paused = null;
        turns.botAudible(now, tools.isRunning());
    }

    /** The last queued bot audio left. */
    public void botSilent() {
        turns.botSilent();
    }

    /**
     * The runner interrupted its bot. Every start of a user turn does; only one that cut something off is news. One that was
     * announced as a pause is none unless another follows before the bot goes on, and then it counts from the pause.
     *
     * @param heardMillis   position at which hearing stopped
     * @param droppedMillis queued and never heard
     * @param wasPlaying    whether there was something to interrupt
     * @param toldAt        when the runner said so
     * @param now           when it took effect: nothing of before is written to the caller from here on
     */
    public void flushed(long heardMillis, long droppedMillis, boolean wasPlaying, long toldAt, long now) {
        Cut cut = wasPlaying ? new Cut(heardMillis, droppedMillis, toldAt, now) : null;
        if (pausing) {
            pausing = false;
            paused = cut;
            return;
        }
        heard.interrupted();
        Cut meant = paused == null ? cut : paused;
        paused = null;
        if (meant != null) {
            turns.cutOff(meant.toldAt(), meant.at());
            meter.bargedIn(meant.droppedMillis());
            output.publish(
                    EventType.BOT_INTERRUPTED, new Interruption(ref, meant.heardMillis(), meant.droppedMillis()));
        }
    }

    /** The runner is gone, and the call goes on with another: what this one left open is settled. */
    public void runnerLost(long now) {
        generation.lost();
        heard.lost();
        tools.lost(now);
        turns.runnerLost();
        pausing = false;
        paused = null;
    }

    /** We begin to carry a tool out. */
    public void toolStarted(String toolCallId, String name, long now) {
        tools.carriedOut(toolCallId, name, now);
    }

    /** A tool that we carried out came back. */
    public void toolFinished(String toolCallId, boolean succeeded, long now) {
        tools.finished(toolCallId, succeeded, now);
    }

    /** A team handed over. */
    public void memberSwitched(String transitionFunctionName, Member from, Member to) {
        output.publish(EventType.TEAM_MEMBER_SWITCHED, new MemberSwitched(ref, transitionFunctionName, from, to));
    }

    /** The time asked for by {@link Output#wakeAt} has come; harmless at any other. */
    public void onTime(long now) {
        generation.onTime(now);
    }

    /** The call is over: publishes what is still held back. */
    public void finish(EndReason reason) {
        generation.cutOff(!RUNNER_BROKE.contains(reason));
        heard.settle();
        turns.finish();
    }

    private void publishText(EventType type, String text) {
        output.publish(type, new Message(ids.nextId(), ref, Ids.ZERO, text, 0));
    }

    private void publishSpeaking(EventType type) {
        output.publish(type, new Speaking(ref));
    }
}
