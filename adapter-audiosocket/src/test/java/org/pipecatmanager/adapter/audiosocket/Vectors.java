package org.pipecatmanager.adapter.audiosocket;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The committed streams, written by another language, and what their manifest says of them. */
final class Vectors {
    private static final Path FOLDER = Path.of("..", "vectors", "audiosocket");

    private Vectors() {}

    /** A stream that is read: its name and the lines of what it holds. */
    record Stream(String name, List<String> lines) {}

    /** A frame that is written. */
    record Frame(String name, int kind, int samples) {}

    static List<Stream> streams() throws IOException {
        List<Stream> streams = new ArrayList<>();
        for (String line : Files.readAllLines(FOLDER.resolve("manifest.txt"))) {
            if (line.startsWith("stream ")) {
                streams.add(new Stream(line.substring("stream ".length()), new ArrayList<>()));
            } else if (!line.startsWith("#") && !line.startsWith("frame ")) {
                streams.getLast().lines().add(line);
            }
        }
        return streams;
    }

    static List<Frame> frames() throws IOException {
        List<Frame> frames = new ArrayList<>();
        for (String line : Files.readAllLines(FOLDER.resolve("manifest.txt"))) {
            if (line.startsWith("frame ")) {
                List<String> words = List.of(line.split(" ", -1));
                frames.add(new Frame(words.get(1), Integer.decode(words.get(2)), Integer.parseInt(words.get(3))));
            }
        }
        return frames;
    }

    static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(name));
    }
}
