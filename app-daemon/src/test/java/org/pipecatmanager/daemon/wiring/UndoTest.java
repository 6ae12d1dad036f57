package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {
    private final List<String> undone = new ArrayList<>();
    private final Undo undo = new Undo();

    @Test
    void the_last_comes_first_and_a_failure_stops_nothing() {
        undo.push(() -> undone.add("database"));
        undo.push(() -> {
            throw new IOException("broken");
        });
        undo.push(() -> undone.add("calls"));
        undo.run();
        undo.run();
        assertThat(undone).containsExactly("calls", "database");
    }
}
