package org.pipecatmanager.domain.engine;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.StartCommand;

/** The fingerprint of a start request: SHA-256 of its canonical form, in which order of keys and kind of number vanish. */
final class RequestHash {
    private final MessageDigest digest;

    private RequestHash(MessageDigest digest) {
        this.digest = digest;
    }

    /** 64 lower-case hexadecimal digits. */
    static String of(StartCommand command) {
        RequestHash hash = new RequestHash(sha256());
        hash.put(List.of(
                command.id().toString(),
                command.customerId().toString(),
                command.activeflowId().toString(),
                command.referenceType().wireName(),
                command.referenceId().toString(),
                command.llmType(),
                command.llmMessages(),
                command.sttType(),
                command.sttLanguage(),
                command.ttsType(),
                command.ttsLanguage(),
                command.ttsVoiceId(),
                command.agent()));
        return HexFormat.of().formatHex(hash.digest.digest());
    }

    /** Every value is its kind, its length and itself, so that no two differ only in where one ends. */
    private void put(@Nullable Object value) {
        switch (value) {
            case null -> leaf('n', "");
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                map.forEach((key, element) -> sorted.put(String.valueOf(key), element));
                leaf('m', String.valueOf(sorted.size()));
                sorted.forEach((key, element) -> {
                    put(key);
                    put(element);
                });
            }
            case List<?> list -> {
                leaf('l', String.valueOf(list.size()));
                list.forEach(this::put);
            }
            case Number number -> leaf('d', canonical(number));
            case Boolean truth -> leaf('b', truth.toString());
            default -> leaf('s', value.toString());
        }
    }

    private static String canonical(Number number) {
        String text = number.toString();
        try {
            return new BigDecimal(text).stripTrailingZeros().toString();
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private void leaf(char kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update((kind + ":" + bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }
}
