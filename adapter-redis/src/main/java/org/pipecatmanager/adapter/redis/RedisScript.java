package org.pipecatmanager.adapter.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** A Lua script, sent by its hash; a server that does not know it, such as one that was restarted, gets all of it. */
final class RedisScript {
    private final String source;
    private final String hash;

    RedisScript(String source) {
        this.source = source;
        this.hash = sha1(source);
    }

    /** Runs it on one key. */
    Object run(RedisClient client, String key, List<String> arguments) {
        try {
            return client.evalsha(hash, List.of(key), arguments);
        } catch (JedisNoScriptException e) {
            return client.eval(source, List.of(key), arguments);
        }
    }

    /** The same among others; fails for each by itself, also where the server does not know the script. */
    Response<Object> queue(AbstractPipeline pipeline, String key, List<String> arguments) {
        return pipeline.evalsha(hash, List.of(key), arguments);
    }

    /** SHA-1 is what Redis names scripts by; it protects nothing here. */
    private static String sha1(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-1");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-1, which every Java must have", e);
        }
    }
}
