package org.pipecatmanager.daemon.sim;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.pipecatmanager.domain.audio.Resampler;

/** Reads and writes 16-bit PCM WAV files. */
final class Wav {
    private static final int PCM = 1;
    private static final int EXTENSIBLE = 0xFFFE;

    private Wav() {}

    /**
     * The first channel of a file, at another rate where asked.
     *
     * @param rateHz rate of the samples returned
     * @throws IOException when the file is not a 16-bit PCM WAV; the message names it
     */
    static short[] read(Path file, int rateHz) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < 12 || !tag(in).equals("RIFF") || skip(in, 4) || !tag(in).equals("WAVE")) {
            throw new IOException(file + " is not a WAV file; use 16-bit PCM");
        }
        int channels = 0;
        int fileRate = 0;
        while (in.remaining() >= 8) {
            String chunk = tag(in);
            int size = Math.min(in.getInt(), in.remaining());
            int next = in.position() + size + (size & 1);
            if (chunk.equals("fmt ")) {
                int format = in.getShort() & 0xFFFF;
                channels = in.getShort();
                fileRate = in.getInt();
                in.position(in.position() + 6);
                int bits = in.getShort();
                if ((format != PCM && format != EXTENSIBLE) || bits != 16 || channels < 1) {
                    throw new IOException(file + " has format " + format + " with " + bits
                            + " bits; use 16-bit PCM, for instance: sox in.wav -b 16 -c 1 out.wav");
                }
            } else if (chunk.equals("data")) {
                if (channels == 0) {
                    throw new IOException(file + " has no fmt chunk before its data");
                }
                short[] samples = new short[size / 2 / channels];
                for (int i = 0; i < samples.length; i++) {
                    samples[i] = in.getShort(in.position() + i * 2 * channels);
                }
                return resampled(samples, fileRate, rateHz);
            }
            in.position(Math.min(next, in.limit()));
        }
        throw new IOException(file + " has no data chunk");
    }

    private static short[] resampled(short[] samples, int fromHz, int toHz) {
        if (fromHz == toHz) {
            return samples;
        }
        Resampler resampler = Resampler.between(fromHz, toHz);
        short[] out = new short[resampler.maxOutput(samples.length) + toHz];
        int n = resampler.process(samples, 0, samples.length, out, 0);
        n += resampler.flush(out, n);
        return Arrays.copyOf(out, n);
    }

    private static String tag(ByteBuffer in) {
        byte[] four = new byte[4];
        in.get(four);
        return new String(four, StandardCharsets.US_ASCII);
    }

    private static boolean skip(ByteBuffer in, int bytes) {
        in.position(in.position() + bytes);
        return false;
    }

    /** Writes two channels side by side; the shorter one is filled up with silence. */
    static void writeStereo(Path file, short[] left, short[] right, int rateHz) throws IOException {
        int frames = Math.max(left.length, right.length);
        ByteBuffer data = ByteBuffer.allocate(44 + frames * 4).order(ByteOrder.LITTLE_ENDIAN);
        data.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + frames * 4);
        data.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        data.putShort((short) PCM).putShort((short) 2).putInt(rateHz).putInt(rateHz * 4);
        data.putShort((short) 4).putShort((short) 16);
        data.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(frames * 4);
        for (int i = 0; i < frames; i++) {
            data.putShort(i < left.length ? left[i] : 0);
            data.putShort(i < right.length ? right[i] : 0);
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.write(data.array());
        }
    }
}
