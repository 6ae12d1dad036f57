package org.pipecatmanager.daemon.tape;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an entry of a tape is. The name in lower case is in files: add, never rename. */
public enum Kind {
    /** Which call, and what wrote the tape; first, and once. */
    HEADER(Side.MARK),
    /** A start was accepted over HTTP or RPC. */
    START(Side.IN),
    /** Somebody stopped the call. */
    STOP(Side.IN),
    /** A text was put into the call. */
    TEXT(Side.IN),
    /** The caller's connection was let in. */
    LEG_OPENED(Side.IN),
    /** Sound of the caller. */
    CALLER_AUDIO(Side.IN),
    /** A key of the caller. */
    KEY(Side.IN),
    /** The leg's loop asked what is due; what it got follows as frames. */
    TICK(Side.IN),
    /** The caller's connection is gone. */
    LEG_CLOSED(Side.IN),
    /** The runner answered a launch. */
    LAUNCHED(Side.IN),
    /** A socket of the runner is open. */
    LINK_OPENED(Side.IN),
    /** Sound of the bot. */
    BOT_AUDIO(Side.IN),
    /** The bot was interrupted. */
    INTERRUPTED(Side.IN),
    /** The runner told of the conversation. */
    RUNNER_MESSAGE(Side.IN),
    /** A socket of the runner is gone. */
    LINK_CLOSED(Side.IN),
    /** The runner wants a tool carried out. */
    TOOL_CALL(Side.IN),
    /** What carried it out has answered. */
    TOOL_RESULT(Side.IN),
    /** A frame for the caller. */
    FRAME(Side.OUT),
    /** The leg is to end. */
    LEG_END(Side.OUT),
    /** A pipeline is asked for. */
    LAUNCH(Side.OUT),
    /** Sound of the caller, to the runner. */
    RUNNER_AUDIO(Side.OUT),
    /** Something is asked of the runner. */
    COMMAND(Side.OUT),
    /** How far the bot was heard. */
    PLAYOUT(Side.OUT),
    /** The answer to an interruption. */
    FLUSHED(Side.OUT),
    /** A socket of the runner is to close. */
    LINK_CLOSE(Side.OUT),
    /** An event of the call. */
    EVENT(Side.OUT),
    /** So many entries are missing here: the disk was too slow. */
    LOST(Side.MARK),
    /** The file has reached its bound; nothing follows. */
    FULL(Side.MARK);

    /** Who an entry is from. */
    public enum Side {
        /** The world, to the daemon. */
        IN,
        /** The daemon, to the world. */
        OUT,
        /** The tape itself. */
        MARK
    }

    private final Side side;

    Kind(Side side) {
        this.side = side;
    }

    /** Who it is from. */
    public Side side() {
        return side;
    }

    /** As it is in files. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name; empty for one of a newer version. */
    public static Optional<Kind> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName().equals(name))
                .findFirst();
    }
}
