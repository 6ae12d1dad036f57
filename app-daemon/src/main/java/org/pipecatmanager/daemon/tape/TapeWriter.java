package org.pipecatmanager.daemon.tape;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes entries as lines of JSON, compressed. What was flushed can be read whatever happens afterwards. One thread at a time.
 */
public final class TapeWriter implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .build();
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Counting file;
    private final OutputStream zip;

    /** Writes to {@code file}, which it closes. */
    public TapeWriter(OutputStream file) throws IOException {
        this.file = new Counting(new BufferedOutputStream(file, BUFFER_BYTES));
        this.zip = new Fast(this.file);
    }

    /** Appends one entry. */
    public void write(Entry entry) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("t", entry.nanos());
        line.put("k", entry.kind().wireName());
        // In one order, so that the same entries are the same bytes.
        line.putAll(new TreeMap<>(entry.data()));
        if (entry.pcm().length > 0) {
            line.put("pcm", entry.pcm());
        }
        zip.write((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Brings what was written to the file. */
    public void flush() throws IOException {
        zip.flush();
    }

    /** Bytes of the file so far; what was not flushed is counted roughly. */
    public long size() {
        return file.bytes;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** Speech hardly shrinks whatever the effort, and silence does with little. */
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES, true);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static final class Counting extends OutputStream {
        private final OutputStream out;
        private long bytes;

        Counting(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            bytes++;
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            bytes += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
