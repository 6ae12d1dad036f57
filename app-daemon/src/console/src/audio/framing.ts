/** A frame's length in milliseconds: the daemon takes and gives whole ones. */
export const FRAME_MS = 20;

/** Cuts a stream of samples into 16-bit frames of 20 ms. */
export class Framer {
  private readonly samples: Int16Array<ArrayBuffer>;
  private filled = 0;

  constructor(rate: number) {
    this.samples = new Int16Array((rate * FRAME_MS) / 1000);
  }

  /** The frames that these samples complete; each is the caller's to keep. */
  push(input: Float32Array): Int16Array<ArrayBuffer>[] {
    const frames: Int16Array<ArrayBuffer>[] = [];
    for (const sample of input) {
      this.samples[this.filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      if (this.filled === this.samples.length) {
        frames.push(this.samples.slice());
        this.filled = 0;
      }
    }
    return frames;
  }
}

/** 16-bit little-endian PCM, whatever the order of bytes here is. */
export function toBytes(frame: Int16Array): ArrayBuffer {
  const bytes = new ArrayBuffer(frame.length * 2);
  const view = new DataView(bytes);
  frame.forEach((sample, n) => {
    view.setInt16(n * 2, sample, true);
  });
  return bytes;
}

/** Samples between -1 and 1; an odd last byte is left out. */
export function fromBytes(bytes: ArrayBuffer): Float32Array {
  const view = new DataView(bytes);
  const samples = new Float32Array(bytes.byteLength >> 1);
  for (let n = 0; n < samples.length; n++) {
    samples[n] = view.getInt16(n * 2, true) / 32768;
  }
  return samples;
}

/** The level in dBFS, -96 for silence. */
export function dbfs(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms > 0 ? Math.max(-96, 20 * Math.log10(rms)) : -96;
}
