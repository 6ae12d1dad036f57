package org.pipecatmanager.adapter.amqp;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.wire.PipecatcallWire;
import org.pipecatmanager.ports.wire.StartWire;

/** The bytes of a start with two messages to its command, and the record of its call to the bytes of the answer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RpcCodecBenchmark {
    private static final String START = """
            {"uri":"/v1/pipecatcalls","method":"POST","publisher":"ai-manager","data_type":"application/json",
            "data":{"id":"5f3759df-1c2d-4e3f-8a9b-0c1d2e3f4a5b","customer_id":"11111111-2222-4333-8444-555555555555",
            "activeflow_id":"22222222-3333-4444-8555-666666666666","reference_type":"ai_call",
            "reference_id":"33333333-4444-4555-8666-777777777777","llm_type":"openai.gpt-4o-mini",
            "llm_messages":[{"role":"system","content":"You are the friendly voice of a bank. Answer in one sentence."},
            {"role":"user","content":"What is the balance of my account?"}],
            "stt_type":"deepgram","stt_language":"en-US","tts_type":"cartesia","tts_language":"en",
            "tts_voice_id":"71a7ad14-091c-4e8e-a314-022ece01c121"},
            "request_id":"0d9f2a34-7b56-4c78-9d01-23456789abcd"}
            """;

    private final byte[] request = START.getBytes(StandardCharsets.UTF_8);
    private final Pipecatcall call = Pipecatcall.accepted(start(request), "10.0.0.1", Instant.EPOCH);

    @Benchmark
    public StartCommand decodeStart() {
        return start(request);
    }

    private static StartCommand start(byte[] body) {
        return StartWire.fromMap(RpcServerCodec.request(body).body());
    }

    @Benchmark
    public byte[] encodeAnswer() {
        return RpcServerCodec.answer(PipecatcallWire.toMap(call));
    }
}
