import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dbfs, Framer, fromBytes, toBytes } from "../src/audio/framing.ts";
import { JitterBuffer } from "../src/audio/jitter.ts";
import { Resampler } from "../src/audio/resampler.ts";

function tone(hz: number, rate: number, seconds: number, amplitude = 0.5): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / rate));
}

/** Amplitude of one frequency, edges left out. */
function amplitude(samples: Float32Array, hz: number, rate: number): number {
  const middle = samples.subarray(400, samples.length - 400);
  let [re, im] = [0, 0];
  middle.forEach((sample, n) => {
    re += sample * Math.cos((2 * Math.PI * hz * n) / rate);
    im += sample * Math.sin((2 * Math.PI * hz * n) / rate);
  });
  return (2 * Math.hypot(re, im)) / middle.length;
}

describe("the resampler", () => {
  for (const [from, to] of [
    [48_000, 16_000],
    [44_100, 16_000],
    [16_000, 48_000],
    [16_000, 44_100],
    [8_000, 48_000],
  ] as const) {
    it(`keeps a tone from ${from} to ${to} Hz`, () => {
      const out = new Resampler(from, to).push(tone(1000, from, 1));
      assert.ok(Math.abs(out.length - to) < to * 0.005, `${out.length} samples`);
      const kept = amplitude(out, 1000, to);
      assert.ok(Math.abs(kept - 0.5) < 0.005, `amplitude ${kept}`);
    });
  }

  it("lets nothing above half the rate fold down into speech", () => {
    const out = new Resampler(48_000, 16_000).push(tone(11_000, 48_000, 1));
    assert.ok(dbfs(out.subarray(400, out.length - 400)) < -55);
  });

  it("gives the same samples however the stream is cut", () => {
    const input = tone(440, 44_100, 0.5);
    const whole = new Resampler(44_100, 16_000).push(input);
    const stream = new Resampler(44_100, 16_000);
    const pieces: number[] = [];
    for (let at = 0, size = 1; at < input.length; at += size, size = (size * 7 + 3) % 301) {
      pieces.push(...stream.push(input.subarray(at, at + size)));
      if (size === 0) size = 1;
    }
    assert.equal(pieces.length, whole.length);
    assert.ok(pieces.every((sample, n) => Math.abs(sample - (whole[n] ?? 9)) < 1e-6));
  });

  it("says what is wrong with a rate", () => {
    assert.throws(() => new Resampler(0, 16_000), /0 Hz/);
  });
});

describe("framing", () => {
  it("cuts whole 20 ms frames and keeps the rest for the next", () => {
    const framer = new Framer(16_000);
    assert.equal(framer.push(new Float32Array(319)).length, 0);
    const frames = framer.push(new Float32Array(322));
    assert.deepEqual(
      frames.map((frame) => frame.length),
      [320, 320],
    );
    assert.equal(new Framer(8_000).push(new Float32Array(160)).length, 1);
  });

  it("clips what is too loud and goes the way back", () => {
    const input = new Float32Array(320).fill(0.25);
    input[0] = 2;
    input[1] = -2;
    const frame = new Framer(16_000).push(input)[0];
    assert.ok(frame);
    const bytes = toBytes(frame);
    assert.deepEqual([...new Uint8Array(bytes).subarray(0, 4)], [0xff, 0x7f, 0x01, 0x80]);
    const back = fromBytes(bytes);
    assert.ok(Math.abs((back[5] ?? 0) - 0.25) < 1e-4);
    assert.equal(fromBytes(new ArrayBuffer(5)).length, 2);
  });

  it("measures levels", () => {
    assert.equal(dbfs(new Float32Array(320)), -96);
    assert.equal(dbfs(new Float32Array(0)), -96);
    assert.ok(Math.abs(dbfs(tone(1000, 16_000, 1, 1)) + 3.01) < 0.01);
  });
});

describe("the jitter buffer", () => {
  const samples = (count: number, from = 1): Float32Array => Float32Array.from({ length: count }, (_, n) => from + n);
  const pulled = (buffer: JitterBuffer, count: number): number[] => {
    const output = new Float32Array(count).fill(99);
    buffer.pull(output);
    return [...output];
  };

  it("is silent until enough is there, then plays across pieces", () => {
    const buffer = new JitterBuffer(4, 100);
    buffer.push(samples(3));
    assert.deepEqual(pulled(buffer, 2), [0, 0]);
    buffer.push(samples(3, 4));
    assert.deepEqual(pulled(buffer, 5), [1, 2, 3, 4, 5]);
    assert.equal(buffer.waiting, 1);
    assert.equal(buffer.underruns, 0);
  });

  it("counts running dry once and waits for enough again", () => {
    const buffer = new JitterBuffer(2, 100);
    buffer.push(samples(3));
    assert.deepEqual(pulled(buffer, 4), [1, 2, 3, 0]);
    assert.deepEqual(pulled(buffer, 2), [0, 0]);
    buffer.push(samples(1, 7));
    assert.deepEqual(pulled(buffer, 1), [0]);
    buffer.push(samples(1, 8));
    assert.deepEqual(pulled(buffer, 2), [7, 8]);
    assert.equal(buffer.underruns, 1);
  });

  it("drops the oldest when too much waits, so that the delay does not stay", () => {
    const buffer = new JitterBuffer(4, 10);
    buffer.push(samples(8));
    buffer.push(samples(8, 9));
    assert.deepEqual([buffer.waiting, buffer.dropped], [4, 12]);
    assert.deepEqual(pulled(buffer, 4), [13, 14, 15, 16]);
  });
});
