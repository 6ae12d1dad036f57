package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.model.Turn.Kind;
import org.pipecatmanager.ports.out.CallHistory;

/** Every {@link CallHistory} passes this. */
public interface CallHistoryContract {
    /** One that keeps at least 10 calls and has none. */
    CallHistory newHistory();

    @Test
    default void what_was_said_comes_back_in_order() {
        var history = newHistory();
        int position = 0;
        for (var speaker : Speaker.values()) {
            history.said(message(1, ++position, speaker, "Grüße 😀 " + position));
        }
        assertThat(history.messages(Calls.id(1)))
                .containsExactly(
                        message(1, 1, Speaker.USER, "Grüße 😀 1"),
                        message(1, 2, Speaker.BOT, "Grüße 😀 2"),
                        message(1, 3, Speaker.MESSAGE, "Grüße 😀 3"));
    }

    @Test
    default void the_tenth_message_stands_after_the_second() {
        var history = newHistory();
        for (int position = 1; position <= 12; position++) {
            history.said(message(1, position, Speaker.USER, "m"));
        }
        assertThat(history.messages(Calls.id(1)).stream().map(SpokenMessage::position))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    default void the_same_position_again_changes_nothing() {
        var history = newHistory();
        history.said(message(1, 1, Speaker.USER, "first"));
        history.said(message(1, 1, Speaker.BOT, "second"));
        assertThat(history.messages(Calls.id(1))).containsExactly(message(1, 1, Speaker.USER, "first"));
    }

    @Test
    default void a_message_of_any_length_comes_back() {
        var history = newHistory();
        var text = "ü😀\n'\"\\".repeat(20_000);
        history.said(message(1, 1, Speaker.BOT, text));
        history.said(message(1, 2, Speaker.USER, ""));
        assertThat(history.messages(Calls.id(1)).stream().map(SpokenMessage::text))
                .containsExactly(text, "");
    }

    @Test
    default void turns_come_back_in_order_and_without_what_was_not_observed() {
        var history = newHistory();
        var greeting = turn(1, 1, Kind.GREETING, null);
        var figures = new Turn.Figures(8L, 9L, 10L, 11L, 12L, 13L);
        var answer =
                new Turn(Calls.id(1), 2, Kind.ANSWER, Calls.at(5).plusNanos(1000), 1L, 2L, 3L, 4L, 5L, 6L, 7L, figures);
        var filler = turn(1, 3, Kind.FILLER, 0L);
        history.turn(greeting);
        history.turn(answer);
        history.turn(filler);
        assertThat(history.turns(Calls.id(1))).containsExactly(greeting, answer, filler);
    }

    @Test
    default void the_same_number_again_replaces_the_turn() {
        var history = newHistory();
        history.turn(turn(1, 1, Kind.FILLER, 400L));
        history.turn(turn(1, 1, Kind.ANSWER, null));
        assertThat(history.turns(Calls.id(1))).containsExactly(turn(1, 1, Kind.ANSWER, null));
    }

    @Test
    default void a_turns_figures_are_replaced_with_it() {
        var history = newHistory();
        var measured = new Turn.Figures(null, 250L, null, 90L, 7L, null);
        history.turn(turn(1, 1, Kind.ANSWER, 400L));
        history.turn(measured(measured));
        assertThat(history.turns(Calls.id(1))).extracting(Turn::figures).containsExactly(measured);
        history.turn(measured(Turn.Figures.NONE));
        assertThat(history.turns(Calls.id(1))).extracting(Turn::figures).containsExactly(Turn.Figures.NONE);
    }

    private static Turn measured(Turn.Figures figures) {
        return new Turn(Calls.id(1), 1, Kind.ANSWER, Calls.at(1), null, null, null, null, 400L, null, null, figures);
    }

    @Test
    default void an_estimate_comes_back_as_one() {
        var history = newHistory();
        history.said(new SpokenMessage(Calls.id(1), 1, Speaker.BOT, "We open", Calls.at(1), true, true));
        history.said(new SpokenMessage(Calls.id(1), 2, Speaker.BOT, "at nine", Calls.at(2), true, false));
        assertThat(history.messages(Calls.id(1)))
                .extracting(SpokenMessage::estimated)
                .containsExactly(true, false);
    }

    @Test
    default void each_call_has_its_own() {
        var history = newHistory();
        history.said(message(1, 1, Speaker.USER, "one"));
        history.said(message(2, 1, Speaker.USER, "two"));
        history.turn(turn(2, 1, Kind.ANSWER, 9L));

        assertThat(history.messages(Calls.id(1))).containsExactly(message(1, 1, Speaker.USER, "one"));
        assertThat(history.messages(Calls.id(2))).containsExactly(message(2, 1, Speaker.USER, "two"));
        assertThat(history.turns(Calls.id(1))).isEmpty();
        assertThat(history.turns(Calls.id(2))).containsExactly(turn(2, 1, Kind.ANSWER, 9L));
    }

    @Test
    default void what_a_call_was_like_comes_back_whole_and_the_last_counts() {
        var history = newHistory();
        var audio = new CallReport.Audio(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 96_000);
        var interrupted = new Mark(
                1_500, EventType.BOT_INTERRUPTED, Map.of("heard_ms", 300L, "fatal", true, "message", "Grüße 😀"));
        var whole = new CallReport(
                Calls.id(1),
                Calls.at(9),
                audio,
                List.of(new Mark(0, EventType.PIPECATCALL_INITIALIZED, Map.of()), interrupted),
                3);
        history.report(new CallReport(Calls.id(1), Calls.at(8), null, List.of(), 0));
        assertThat(history.report(Calls.id(1)).orElseThrow().audio()).isNull();
        history.report(whole);
        assertThat(history.report(Calls.id(1))).contains(whole);
        assertThat(history.report(Calls.id(2))).isEmpty();
    }

    @Test
    default void an_unknown_call_has_nothing() {
        var history = newHistory();
        assertThat(history.messages(Calls.id(7))).isEmpty();
        assertThat(history.turns(Calls.id(7))).isEmpty();
    }

    private static SpokenMessage message(long n, int position, Speaker speaker, String text) {
        var at = Calls.at(position).plusNanos(123_456_000);
        return new SpokenMessage(Calls.id(n), position, speaker, text, at, position % 2 == 0);
    }

    private static Turn turn(long n, int number, Kind kind, @Nullable Long firstFrameMillis) {
        return new Turn(
                Calls.id(n), number, kind, Calls.at(number), null, null, null, null, firstFrameMillis, null, null);
    }
}
