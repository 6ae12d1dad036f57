package org.pipecatmanager.daemon.replay;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;
import org.pipecatmanager.daemon.tape.Entry;
import org.pipecatmanager.daemon.tape.Kind;

/**
 * Digests in the place of the sound that a daemon sent: it follows from what came in, so that a tape that is kept to compare with needs
 * no more, and is half as large.
 */
final class Digests {
    private static final String KEY = "crc32c";

    private Digests() {}

    /** An entry with its sound digested, if it is one of what goes out. */
    static Entry of(Entry entry) {
        if (entry.kind().side() != Kind.Side.OUT || entry.pcm().length == 0) {
            return entry;
        }
        Map<String, Object> data = new HashMap<>(entry.data());
        data.put(KEY, digest(entry.pcm()));
        return new Entry(entry.nanos(), entry.kind(), data);
    }

    /** Whether an entry has a digest in the place of its sound. */
    static boolean isDigested(Entry entry) {
        return entry.data().containsKey(KEY);
    }

    private static String digest(byte[] pcm) {
        CRC32C crc = new CRC32C();
        crc.update(pcm);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
