package org.pipecatmanager.ports.model;

/** What the daemon asks of a running pipeline (RTVI client messages). Never dropped. */
public sealed interface RunnerCommand {
    /** Opens the RTVI conversation. */
    record ClientReady() implements RunnerCommand {}

    /** Text the user is taken to have said. */
    record SendText(String content, boolean runImmediately, boolean audioResponse) implements RunnerCommand {}

    /** A key the caller pressed. */
    record PressKey(char key) implements RunnerCommand {}

    /** Stop the bot now. */
    record Interrupt() implements RunnerCommand {}
}
