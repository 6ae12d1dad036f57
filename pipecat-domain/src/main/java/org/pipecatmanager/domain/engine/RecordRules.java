package org.pipecatmanager.domain.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.RequestException;

/** Which starts fit into a record. Looks at the request alone, before anything is written. */
final class RecordRules {
    /** Characters of a text column of the records; one beyond U+FFFF counts twice, as H2 counts. */
    static final int MAX_TEXT = 255;
    /** UTF-8 bytes of the texts of all {@code llm_messages}: what a request over RPC may have altogether, 1 MiB. */
    static final int MAX_MESSAGES_BYTES = 1 << 20;
    /** Objects and lists within each other in one message; MariaDB takes JSON of 32 levels, the list of messages included. */
    static final int MAX_DEPTH = 24;

    private RecordRules() {}

    /**
     * Passes, or says what is wrong. A complaint never holds what was given.
     *
     * @throws RequestException 400
     */
    static void check(StartCommand command) {
        checkText("llm_type", command.llmType());
        checkText("stt_type", command.sttType());
        checkText("stt_language", command.sttLanguage());
        checkText("tts_type", command.ttsType());
        checkText("tts_language", command.ttsLanguage());
        checkText("tts_voice_id", command.ttsVoiceId());
        checkText("agent", command.agent());
        checkMessages(command.llmMessages());
    }

    private static void checkText(String field, String text) {
        if (text.length() > MAX_TEXT) {
            throw tooLong(field + " has " + text.length() + " characters; use " + MAX_TEXT + " at most");
        }
        if (text.indexOf('\0') >= 0) {
            throw RequestException.invalid("INVALID_FIELD", field + " holds the character U+0000; leave it out");
        }
        checkPairs(field, text);
    }

    private static void checkMessages(List<Map<String, Object>> messages) {
        long bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            bytes += bytesOf("llm_messages[" + i + "]", messages.get(i), 1);
        }
        if (bytes > MAX_MESSAGES_BYTES) {
            throw tooLong("llm_messages have " + bytes + " bytes of text; use " + MAX_MESSAGES_BYTES + " at most");
        }
    }

    private static long bytesOf(String message, @Nullable Object value, int depth) {
        return switch (value) {
            case String text -> {
                checkPairs(message, text);
                yield utf8Length(text);
            }
            case Map<?, ?> map -> {
                checkDepth(message, depth);
                long bytes = 0;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    bytes +=
                            bytesOf(message, entry.getKey(), depth + 1) + bytesOf(message, entry.getValue(), depth + 1);
                }
                yield bytes;
            }
            case Collection<?> list -> {
                checkDepth(message, depth);
                long bytes = 0;
                for (Object item : list) {
                    bytes += bytesOf(message, item, depth + 1);
                }
                yield bytes;
            }
            case null, default -> 1;
        };
    }

    private static void checkDepth(String message, int depth) {
        if (depth > MAX_DEPTH) {
            throw RequestException.invalid(
                    "FIELD_TOO_DEEP",
                    message + " is nested more than " + MAX_DEPTH + " levels deep; use " + MAX_DEPTH + " at most");
        }
    }

    /** Half a pair is no character: UTF-8 has no bytes for it. */
    private static void checkPairs(String field, String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int character = text.codePointAt(i);
            if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                throw RequestException.invalid(
                        "INVALID_FIELD",
                        field + " holds half of a surrogate pair, " + "U+%04X".formatted(character) + "; leave it out");
            }
        }
    }

    private static long utf8Length(String text) {
        return text.codePoints()
                .mapToLong(character -> character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4)
                .sum();
    }

    private static RequestException tooLong(String complaint) {
        return RequestException.invalid("FIELD_TOO_LONG", complaint);
    }
}
