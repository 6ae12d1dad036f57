package org.pipecatmanager.daemon.tape;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads tapes, also those whose daemon died: up to the last whole entry. */
public final class TapeReader {
    /** The version of the format that this reads and {@link Tape} writes. */
    public static final int FORMAT = 1;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private TapeReader() {}

    /**
     * All entries of a tape, in order, its header first.
     *
     * @throws IOException it cannot be read, is no tape, or is of another version; the message names it
     */
    public static List<Entry> read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        } catch (ZipException | NotATape e) {
            throw new IOException(file + " is no tape: " + e.getMessage() + "; TAPE_DIR has them, named <id>.tape", e);
        }
    }

    static List<Entry> read(InputStream in) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new UntilCut(new GZIPInputStream(in)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Entry entry = entry(line, entries.isEmpty());
                if (entry != null) {
                    entries.add(entry);
                }
            }
        } catch (CutOff e) {
            // Its daemon died: what is whole counts.
        }
        if (entries.isEmpty()) {
            throw new NotATape("it has no header");
        }
        return entries;
    }

    /** Null for a kind of a newer version, which an older reader leaves out. */
    private static @Nullable Entry entry(String line, boolean first) throws IOException {
        Map<String, Object> data;
        try {
            data = JSON.readValue(line, OBJECT);
        } catch (JacksonException e) {
            if (first) {
                throw new NotATape("its first line is not JSON");
            }
            throw new CutOff();
        }
        Object nanos = data.remove("t");
        Kind kind = Kind.ofWireName(String.valueOf(data.remove("k"))).orElse(null);
        if (first && (kind != Kind.HEADER || !Integer.valueOf(FORMAT).equals(data.get("tape")))) {
            throw new NotATape("its first line is no header of version " + FORMAT);
        }
        Object pcm = data.remove("pcm");
        return kind == null || !(nanos instanceof Number at)
                ? null
                : new Entry(
                        at.longValue(),
                        kind,
                        data,
                        pcm instanceof String text ? Base64.getDecoder().decode(text) : new byte[0]);
    }

    /** Ends where the file breaks off, and gives what came before. */
    private static final class UntilCut extends FilterInputStream {
        UntilCut(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return super.read(into, offset, length);
            } catch (EOFException e) {
                return -1;
            }
        }
    }

    private static final class NotATape extends IOException {
        private static final long serialVersionUID = 1L;

        NotATape(String message) {
            super(message);
        }
    }

    private static final class CutOff extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
