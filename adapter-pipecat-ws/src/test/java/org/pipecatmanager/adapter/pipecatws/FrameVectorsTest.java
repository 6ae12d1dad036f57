package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The bytes both languages agree on. The files of pipecat's serializer are read here; our own are written here
 * ({@code -Dvectors.write=true}) and read by the runner's tests.
 */
class FrameVectorsTest {
    private static final Path FOLDER = Path.of("..", "vectors", "frames");
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @TestFactory
    Stream<DynamicTest> what_pipecat_wrote_is_read_as_its_manifest_says() throws IOException {
        List<JsonNode> vectors = vectors("manifest.json");
        assertThat(vectors).hasSizeGreaterThan(15);
        return vectors.stream().map(each -> DynamicTest.dynamicTest(file(each), () -> readsAs(each)));
    }

    @Test
    void our_committed_vectors_are_what_we_write_today() throws Exception {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<Map<String, Object>> manifest = new ArrayList<>();
        for (Vector vector : written()) {
            files.put(vector.file, vector.bytes);
            manifest.add(
                    Map.of("file", vector.file, "kind", vector.kind, "origin", "serializer", "fields", vector.fields));
        }
        byte[] text = (JSON.writeValueAsString(sorted(Map.of("writer", "pipecat-manager", "vectors", manifest))) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        files.put("java-manifest.json", text);
        if (Boolean.getBoolean("vectors.write")) {
            for (Map.Entry<String, byte[]> each : files.entrySet()) {
                Files.write(FOLDER.resolve(each.getKey()), each.getValue());
            }
        }
        for (Map.Entry<String, byte[]> each : files.entrySet()) {
            assertThat(FOLDER.resolve(each.getKey())).hasBinaryContent(each.getValue());
        }
        for (JsonNode vector : vectors("java-manifest.json")) {
            readsAs(vector);
        }
    }

    @Test
    void every_file_is_in_exactly_one_manifest() throws IOException {
        List<String> listed = new ArrayList<>();
        vectors("manifest.json").forEach(each -> listed.add(file(each)));
        vectors("java-manifest.json").forEach(each -> listed.add(file(each)));
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(each -> each.getFileName().toString()).filter(each -> each.endsWith(".bin")))
                    .containsExactlyInAnyOrderElementsOf(listed);
        }
    }

    private static void readsAs(JsonNode vector) throws Exception {
        byte[] bytes = Files.readAllBytes(FOLDER.resolve(file(vector)));
        Frame frame = Frame.parseFrom(bytes);
        String kind = vector.path("kind").stringValue();
        RunnerFrame read = FrameCodec.decode(ByteBuffer.wrap(bytes));
        if (kind.equals("none")) {
            assertThat(frame.getFrameCase()).isEqualTo(Frame.FrameCase.FRAME_NOT_SET);
            assertThat(read).isEqualTo(new RunnerFrame.Ignored("empty_frame"));
            return;
        }
        FieldDescriptor member = Frame.getDescriptor().findFieldByName(kind);
        assertThat(frame.hasField(member)).isTrue();
        Message content = (Message) frame.getField(member);
        var names = new TreeSet<String>();
        content.getAllFields().keySet().forEach(field -> names.add(field.getName()));
        JsonNode fields = vector.path("fields");
        assertThat(names).containsExactlyInAnyOrderElementsOf(fields.propertyNames());
        for (Map.Entry<FieldDescriptor, Object> field : content.getAllFields().entrySet()) {
            same(field.getKey(), field.getValue(), fields.path(field.getKey().getName()));
        }
        switch (read) {
            case RunnerFrame.Audio audio -> {
                assertThat(kind).isEqualTo("audio");
                assertThat(ByteString.copyFrom(audio.pcm()))
                        .isEqualTo(frame.getAudio().getAudio());
                assertThat(audio.sampleRateHz())
                        .isEqualTo(fields.path("sample_rate").intValue());
            }
            case RunnerFrame.Message message ->
                assertThat(message.json()).isEqualTo(fields.path("data").asString(""));
            case RunnerFrame.Interruption interruption -> assertThat(kind).isEqualTo("interruption");
            case RunnerFrame.Ignored ignored ->
                assertThat(ignored.what())
                        .isEqualTo(kind.equals("audio") && !fields.has("audio") ? "empty_audio" : kind + "_frame");
        }
    }

    private static void same(FieldDescriptor field, Object value, JsonNode expected) throws Exception {
        switch (field.getType()) {
            case UINT64 -> assertThat(Long.toUnsignedString((Long) value)).isEqualTo(expected.stringValue());
            case UINT32 -> assertThat((Integer) value).isEqualTo(expected.intValue());
            case STRING -> assertThat(value).isEqualTo(expected.stringValue());
            default -> {
                byte[] bytes = ((ByteString) value).toByteArray();
                assertThat(bytes)
                        .isEqualTo(pattern(
                                expected.path("length").intValue(),
                                expected.path("seed").intValue()));
                assertThat(sha256(bytes)).isEqualTo(expected.path("sha256").stringValue());
            }
        }
    }

    /** What the daemon sends. */
    private static List<Vector> written() throws Exception {
        return List.of(
                audio("java-audio-640.bin", 640, 7, 16_000),
                audio("java-audio-320-8k.bin", 320, 200, 8_000),
                audio("java-audio-one-sample.bin", 2, 127, 48_000),
                audio("java-audio-64k.bin", 65_536, 3, 24_000),
                new Vector("java-interruption.bin", "interruption", Map.of(), FrameCodec.encodeInterruption()),
                message("java-playout.bin", RtviCodec.encodePlayout(1_240, 1_640, 160)),
                message("java-flushed.bin", RtviCodec.encodeFlushed(1_240, 160, 1_800)),
                message("java-message-unicode.bin", "{\"text\":\"Gr\u00fc\u00dfe \u4f60\u597d \ud83d\udc4b\"}"));
    }

    private static Vector audio(String file, int length, int seed, int rate) throws Exception {
        byte[] pcm = pattern(length, seed);
        short[] samples = new short[length / 2];
        ByteBuffer.wrap(pcm).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        Map<String, Object> audio = Map.of("length", length, "seed", seed, "sha256", sha256(pcm));
        return new Vector(
                file,
                "audio",
                Map.of("audio", audio, "sample_rate", rate, "num_channels", 1),
                FrameCodec.encodeAudio(samples, 0, samples.length, rate));
    }

    private static Vector message(String file, String json) {
        return new Vector(file, "message", Map.of("data", json), FrameCodec.encodeMessage(json));
    }

    private static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + seed);
        }
        return bytes;
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** Maps by key, at every depth, so that the text is the same each time. */
    private static Object sorted(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var sorted = new java.util.TreeMap<String, Object>();
                map.forEach((key, each) -> sorted.put(String.valueOf(key), sorted(each)));
                yield sorted;
            }
            case List<?> list -> list.stream().map(FrameVectorsTest::sorted).toList();
            default -> value;
        };
    }

    private static List<JsonNode> vectors(String manifest) throws IOException {
        List<JsonNode> vectors = new ArrayList<>();
        JSON.readTree(Files.readString(FOLDER.resolve(manifest)))
                .path("vectors")
                .forEach(vectors::add);
        return vectors;
    }

    private static String file(JsonNode vector) {
        return vector.path("file").stringValue();
    }

    /** One file and what its manifest says of it. */
    private static final class Vector {
        private final String file;
        private final String kind;
        private final Map<String, Object> fields;
        private final byte[] bytes;

        Vector(String file, String kind, Map<String, Object> fields, byte[] bytes) {
            this.file = file;
            this.kind = kind;
            this.fields = fields;
            this.bytes = bytes;
        }
    }
}
