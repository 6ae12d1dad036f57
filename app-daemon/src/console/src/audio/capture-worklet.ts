/// <reference types="audioworklet" />
import { Framer } from "./framing.ts";
import { Resampler } from "./resampler.ts";

/** The microphone: 20 ms frames at the call's rate, posted one by one. */
class Capture extends AudioWorkletProcessor {
  private readonly resampler: Resampler;
  private readonly framer: Framer;
  private muted = false;

  constructor(options: AudioWorkletNodeOptions) {
    super();
    const { rate } = options.processorOptions as { rate: number };
    this.resampler = new Resampler(sampleRate, rate);
    this.framer = new Framer(rate);
    this.port.onmessage = (message: MessageEvent<{ muted: boolean }>): void => {
      this.muted = message.data.muted;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0]?.[0];
    if (input) {
      // Muted is silence, not nothing: the bot's side has a clock.
      const heard = this.muted ? new Float32Array(input.length) : input;
      for (const frame of this.framer.push(this.resampler.push(heard))) {
        this.port.postMessage(frame, [frame.buffer]);
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
