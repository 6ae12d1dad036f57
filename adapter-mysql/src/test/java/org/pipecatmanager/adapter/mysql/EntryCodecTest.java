package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.model.Turn;

class EntryCodecTest {
    @Test
    void every_kind_of_entry_comes_back_as_it_was() {
        var event = event(TraceContext.random(new SequentialIds()));
        for (var entry : new JournalEntry[] {
            new JournalEntry.RecordUpdate(Calls.starting(1)),
            new JournalEntry.RecordUpdate(Calls.ended(2)),
            new JournalEntry.Event(event, Calls.at(3)),
            new JournalEntry.Event(event(null), Calls.at(3)),
            new JournalEntry.Said(JournalRig.message(1, 4)),
            new JournalEntry.TurnKept(JournalRig.turn(1, 5)),
            new JournalEntry.ReportKept(new CallReport(
                    Calls.id(1),
                    Calls.at(3),
                    new CallReport.Audio(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0),
                    List.of(new CallReport.Mark(7, EventType.ERROR_REPORTED, Map.of("message", "ü😀", "fatal", false))),
                    2))
        }) {
            var stamped = new Stamped(42, entry);
            assertThat(EntryCodec.decode(EntryCodec.encode(stamped))).isEqualTo(stamped);
        }
    }

    @Test
    void an_event_spooled_before_there_were_traces_is_in_none() {
        var stamped = new Stamped(1, new JournalEntry.Event(event(null), Calls.at(3)));
        var spooled = new String(EntryCodec.encode(stamped), StandardCharsets.UTF_8);
        var older = spooled.replace(",\"traceparent\":null", "");
        assertThat(older).isNotEqualTo(spooled);
        var read = (JournalEntry.Event)
                EntryCodec.decode(older.getBytes(StandardCharsets.UTF_8)).entry();
        assertThat(read.entry()).isEqualTo(event(null));
    }

    @Test
    void what_was_spooled_before_there_were_figures_has_none() {
        var said = new Stamped(1, new JournalEntry.Said(JournalRig.message(1, 4)));
        var olderSaid = new String(EntryCodec.encode(said), StandardCharsets.UTF_8).replace(",\"estimated\":true", "");
        var message = (JournalEntry.Said)
                EntryCodec.decode(olderSaid.getBytes(StandardCharsets.UTF_8)).entry();
        assertThat(message.message().estimated()).isFalse();

        var kept = new Stamped(1, new JournalEntry.TurnKept(JournalRig.turn(1, 5)));
        var olderKept = new String(EntryCodec.encode(kept), StandardCharsets.UTF_8).replaceFirst(",\"stt_ms\".*", "}");
        var turn = (JournalEntry.TurnKept)
                EntryCodec.decode(olderKept.getBytes(StandardCharsets.UTF_8)).entry();
        assertThat(turn.turn().firstFrameMillis()).isEqualTo(5L);
        assertThat(turn.turn().figures()).isEqualTo(Turn.Figures.NONE);
    }

    private static OutboxEntry event(@Nullable TraceContext trace) {
        return new OutboxEntry(SequentialIds.id(9), Calls.id(1), "error_reported", 7, "{\"a\":\"ü😀\"}", true, trace);
    }

    @Test
    void a_header_says_whose_entries_follow() {
        assertThat(EntryCodec.owner(EntryCodec.header(Rows.SELF))).isEqualTo(Rows.SELF);
    }

    @Test
    void another_format_is_refused_by_its_number() {
        var header = "{\"format\":2,\"host_id\":\"a\",\"instance_id\":\"b\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> EntryCodec.owner(header))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2");
    }
}
