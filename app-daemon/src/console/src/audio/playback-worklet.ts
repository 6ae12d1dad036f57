/// <reference types="audioworklet" />
import { JitterBuffer } from "./jitter.ts";
import { Resampler } from "./resampler.ts";

/** What waits before playing begins, and what may wait, in seconds. */
const TARGET_SECONDS = 0.06;
const LIMIT_SECONDS = 0.3;
/** How often the page is told how it goes, in blocks of 128 samples: about 4 times a second. */
const REPORT_BLOCKS = 94;

/** How playback goes; a message to the page. */
export interface PlaybackReport {
  readonly waitingMs: number;
  readonly underruns: number;
  readonly droppedMs: number;
}

/** The loudspeaker: takes samples at the call's rate, as they come. */
class Playback extends AudioWorkletProcessor {
  private readonly resampler: Resampler;
  private readonly buffer = new JitterBuffer(TARGET_SECONDS * sampleRate, LIMIT_SECONDS * sampleRate);
  private blocks = 0;

  constructor(options: AudioWorkletNodeOptions) {
    super();
    const { rate } = options.processorOptions as { rate: number };
    this.resampler = new Resampler(rate, sampleRate);
    this.port.onmessage = (message: MessageEvent<Float32Array>): void => {
      this.buffer.push(this.resampler.push(message.data));
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [first, ...others] = outputs[0] ?? [];
    if (first) {
      this.buffer.pull(first);
      for (const other of others) {
        other.set(first);
      }
    }
    if (++this.blocks % REPORT_BLOCKS === 0) {
      const ms = 1000 / sampleRate;
      const { waiting, underruns, dropped } = this.buffer;
      const report: PlaybackReport = { waitingMs: waiting * ms, underruns, droppedMs: dropped * ms };
      this.port.postMessage(report);
    }
    return true;
  }
}

registerProcessor("playback", Playback);
