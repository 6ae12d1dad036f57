/**
 * What has come and is not played yet. Frames come over TCP, so none is lost, but they come late and then together.
 *
 * Playing begins when `target` samples are there. Running dry is one underrun: silence until the target is reached again.
 * Beyond `limit` the oldest are dropped down to the target, or the delay would stay for the rest of the call.
 */
export class JitterBuffer {
  private chunks: Float32Array[] = [];
  private offset = 0;
  private playing = false;
  /** Samples that wait. */
  waiting = 0;
  underruns = 0;
  dropped = 0;

  constructor(
    private readonly target: number,
    private readonly limit: number,
  ) {}

  push(samples: Float32Array): void {
    if (samples.length === 0) {
      return;
    }
    this.chunks.push(samples);
    this.waiting += samples.length;
    if (this.waiting > this.limit) {
      const excess = this.waiting - this.target;
      this.skip(excess);
      this.dropped += excess;
    }
  }

  /** Fills `output`, with silence where there is nothing to play. */
  pull(output: Float32Array): void {
    output.fill(0);
    this.playing ||= this.waiting >= this.target;
    if (!this.playing) {
      return;
    }
    let filled = 0;
    while (filled < output.length) {
      const chunk = this.chunks[0];
      if (!chunk) {
        this.playing = false;
        this.underruns++;
        return;
      }
      const part = chunk.subarray(this.offset, this.offset + output.length - filled);
      output.set(part, filled);
      filled += part.length;
      this.skip(part.length);
    }
  }

  private skip(count: number): void {
    this.waiting -= count;
    let left = count;
    while (left > 0) {
      const chunk = this.chunks[0] as Float32Array;
      const rest = chunk.length - this.offset;
      if (left < rest) {
        this.offset += left;
        return;
      }
      left -= rest;
      this.offset = 0;
      this.chunks.shift();
    }
  }
}
