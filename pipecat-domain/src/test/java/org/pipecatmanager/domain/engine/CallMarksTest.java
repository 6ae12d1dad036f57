package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.Speaking;

class CallMarksTest {
    private static final SessionRef REF = Calls.starting(1).ref();

    private final CallMarks marks = new CallMarks();

    @Test
    void much_talk_pushes_out_older_talk_and_no_trouble() {
        marks.note(1, EventType.ERROR_REPORTED, new Problem(REF, "runner", "its words", false));
        for (int i = 0; i < CallMarks.SPEECH + 5; i++) {
            marks.note(10 + i, EventType.USER_STARTED_SPEAKING, new Speaking(REF));
        }
        assertThat(marks.all()).hasSize(CallMarks.SPEECH + 1);
        assertThat(marks.all().getFirst().details())
                .containsEntry("source", "runner")
                .containsEntry("message", "its words")
                .containsEntry("fatal", false);
        assertThat(marks.all().get(1).atMillis()).isEqualTo(15);
        assertThat(marks.leftOut()).isEqualTo(5);
    }

    @Test
    void both_kinds_stand_in_the_order_of_time_with_their_figures() {
        marks.note(30, EventType.BOT_INTERRUPTED, new Interruption(REF, 700, 300));
        marks.note(40, EventType.PIPECATCALL_INITIALIZED, Calls.starting(1));
        marks.note(50, EventType.BOT_STARTED_SPEAKING, new Speaking(REF));
        assertThat(marks.all())
                .extracting(mark -> mark.type())
                .containsExactly(
                        EventType.BOT_INTERRUPTED, EventType.PIPECATCALL_INITIALIZED, EventType.BOT_STARTED_SPEAKING);
        assertThat(marks.all().getFirst().details())
                .containsEntry("heard_ms", 700L)
                .containsEntry("dropped_ms", 300L);
    }

    @Test
    void long_messages_are_cut_and_what_explains_nothing_is_not_noted() {
        marks.note(1, EventType.ERROR_REPORTED, new Problem(REF, "runner", "x".repeat(1_000), true));
        marks.note(2, EventType.PIPECATCALL_CREATED, Calls.starting(1));
        assertThat(marks.all())
                .singleElement()
                .satisfies(mark -> assertThat(String.valueOf(mark.details().get("message")))
                        .hasSizeLessThan(300));
    }
}
