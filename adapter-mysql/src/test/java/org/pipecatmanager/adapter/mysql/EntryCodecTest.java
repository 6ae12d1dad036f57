package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.OutboxEntry;

class EntryCodecTest {
    @Test
    void every_kind_of_entry_comes_back_as_it_was() {
        var event = new OutboxEntry(SequentialIds.id(9), Calls.id(1), "error_reported", 7, "{\"a\":\"ü😀\"}", true);
        for (var entry : new JournalEntry[] {
            new JournalEntry.RecordUpdate(Calls.starting(1)),
            new JournalEntry.RecordUpdate(Calls.ended(2)),
            new JournalEntry.Event(event, Calls.at(3)),
            new JournalEntry.Said(JournalRig.message(1, 4)),
            new JournalEntry.TurnKept(JournalRig.turn(1, 5))
        }) {
            var stamped = new Stamped(42, entry);
            assertThat(EntryCodec.decode(EntryCodec.encode(stamped))).isEqualTo(stamped);
        }
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
