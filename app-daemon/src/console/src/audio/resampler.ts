/** Zero crossings of the filter to each side: enough for speech, 64 taps where the rate stays about the same. */
const CROSSINGS = 16;
/** Where the filter begins to cut, as a part of the lower rate's half. */
const CUTOFF = 0.92;

/**
 * Converts a stream of samples from one rate to another with a windowed sinc. Keeps its state: however a stream is cut into
 * pieces, the same samples come out. Holds back half the filter's length, 1 ms from 48 kHz to 16 kHz.
 */
export class Resampler {
  private readonly step: number;
  private readonly scale: number;
  private readonly half: number;
  private history: Float32Array;
  /** Where in `history` the next output sample lies. */
  private position: number;

  /**
   * @param from samples per second of what comes in
   * @param to samples per second of what goes out
   */
  constructor(from: number, to: number) {
    if (!(from > 0) || !(to > 0)) {
      throw new RangeError(`cannot convert from ${from} Hz to ${to} Hz; both have to be above 0`);
    }
    this.step = from / to;
    this.scale = CUTOFF * Math.min(1, to / from);
    this.half = Math.ceil(CROSSINGS / this.scale);
    this.history = new Float32Array(this.half);
    this.position = this.half;
  }

  /** The samples that can be told now that these have come. */
  push(input: Float32Array): Float32Array {
    if (this.step === 1) {
      return input.slice();
    }
    const samples = new Float32Array(this.history.length + input.length);
    samples.set(this.history);
    samples.set(input, this.history.length);
    const count = Math.max(0, Math.ceil((samples.length - this.half - this.position) / this.step));
    const output = new Float32Array(count);
    let at = this.position;
    for (let n = 0; n < count; n++, at += this.step) {
      output[n] = this.at(samples, at);
    }
    const done = Math.max(0, Math.floor(at) - this.half);
    this.history = samples.slice(done);
    this.position = at - done;
    return output;
  }

  private at(samples: Float32Array, at: number): number {
    const first = Math.max(0, Math.ceil(at - this.half));
    const last = Math.min(samples.length - 1, Math.floor(at + this.half));
    let sum = 0;
    for (let n = first; n <= last; n++) {
      const x = at - n;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half);
      sum += (samples[n] ?? 0) * sinc(x * this.scale) * window;
    }
    return sum * this.scale;
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
