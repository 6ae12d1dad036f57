import type { Api } from "../api.ts";
import { dbfs, fromBytes, toBytes } from "./framing.ts";
import type { PlaybackReport } from "./playback-worklet.ts";

/** The rate of the call in samples per second: what the runner works with. */
const RATE = 16_000;
/** Bytes that may wait in the browser to be sent, a second of audio; beyond, the line is too slow and frames are dropped. */
const MAX_UNSENT = RATE * 2;

export type PhoneState = "idle" | "dialling" | "talking" | "over";

/** A call from the browser's microphone. One call; make another for the next. */
export class Phone {
  state: PhoneState = "idle";
  callId = "";
  agent = "";
  muted = false;
  /** Why it is over, for people; empty while it is not. */
  end = "";
  /** Levels of the last frame each way, in dBFS. */
  heardDbfs = -96;
  spokenDbfs = -96;
  report: PlaybackReport = { waitingMs: 0, underruns: 0, droppedMs: 0 };
  /** Frames that could not be sent. */
  unsent = 0;

  private context: AudioContext | null = null;
  private microphone: MediaStream | null = null;
  private capture: AudioWorkletNode | null = null;
  private playback: AudioWorkletNode | null = null;
  private socket: WebSocket | null = null;

  /** @param changed told of every change of state */
  constructor(
    private readonly api: Api,
    private readonly changed: () => void,
  ) {}

  /** Calls an agent; rejects with what is wrong in a sentence. Has to be called from a click, or there is no sound. */
  async dial(agent: string): Promise<void> {
    this.agent = agent;
    this.state = "dialling";
    this.changed();
    try {
      await this.openAudio();
      const call = await this.api.start(agent);
      this.callId = call.id;
      await this.connect();
    } catch (problem) {
      this.finish(problem instanceof Error ? problem.message : String(problem));
      throw problem;
    }
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.capture?.port.postMessage({ muted });
    this.changed();
  }

  press(digit: string): void {
    this.tell({ type: "dtmf", digit });
  }

  hangUp(): void {
    this.tell({ type: "hangup" });
    if (this.callId !== "" && this.socket?.readyState !== WebSocket.OPEN) {
      void this.api.stop(this.callId).catch(() => {});
    }
    this.finish("You hung up.");
  }

  private async openAudio(): Promise<void> {
    // Browsers give the microphone to secure pages only: https, or this very machine.
    if (!navigator.mediaDevices?.getUserMedia || typeof AudioWorkletNode === "undefined") {
      throw new Error("The browser gives no microphone to this page: open it over https, or on http://localhost.");
    }
    this.context = new AudioContext({ latencyHint: "interactive" });
    await Promise.all([
      this.context.audioWorklet.addModule(new URL("capture.js", document.baseURI)),
      this.context.audioWorklet.addModule(new URL("playback.js", document.baseURI)),
    ]);
    try {
      this.microphone = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
    } catch (problem) {
      const name = problem instanceof DOMException ? problem.name : "";
      throw new Error(
        name === "NotAllowedError"
          ? "The microphone was refused: allow it for this page in the browser's settings."
          : `There is no microphone to use (${name || problem}).`,
      );
    }
    await this.context.resume();
  }

  private connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = this.api.audio(this.callId, RATE);
      socket.binaryType = "arraybuffer";
      this.socket = socket;
      socket.onopen = (): void => {
        this.plug();
        this.state = "talking";
        this.changed();
        resolve();
      };
      socket.onmessage = (message: MessageEvent<ArrayBuffer | string>): void => {
        if (typeof message.data === "string") {
          this.told(message.data);
        } else {
          const samples = fromBytes(message.data);
          this.heardDbfs = dbfs(samples);
          this.playback?.port.postMessage(samples, [samples.buffer]);
        }
      };
      socket.onclose = (closed: CloseEvent): void => {
        const reason =
          closed.reason || (closed.code === 1000 ? "The call is over." : `The line broke (${closed.code}).`);
        this.finish(reason);
        reject(new Error(`The daemon did not open the call's audio. ${reason}`));
      };
    });
  }

  private plug(): void {
    const { context, microphone } = this;
    if (!context || !microphone) return;
    const options = { processorOptions: { rate: RATE } };
    this.capture = new AudioWorkletNode(context, "capture", { ...options, numberOfOutputs: 0 });
    this.playback = new AudioWorkletNode(context, "playback", { ...options, numberOfInputs: 0 });
    this.capture.port.onmessage = (message: MessageEvent<Int16Array>): void => this.send(message.data);
    this.playback.port.onmessage = (message: MessageEvent<PlaybackReport>): void => {
      this.report = message.data;
    };
    this.capture.port.postMessage({ muted: this.muted });
    context.createMediaStreamSource(microphone).connect(this.capture);
    this.playback.connect(context.destination);
  }

  private send(frame: Int16Array): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_UNSENT) {
      this.unsent++;
      return;
    }
    const bytes = toBytes(frame);
    this.spokenDbfs = dbfs(fromBytes(bytes));
    this.socket.send(bytes);
  }

  private told(text: string): void {
    const message = JSON.parse(text) as { type?: string; reason?: string };
    if (message.type === "end") {
      this.finish(`The call is over: ${(message.reason ?? "").replaceAll("_", " ")}.`);
    }
  }

  private tell(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(message));
    }
  }

  private finish(why: string): void {
    if (this.state === "over") return;
    this.state = "over";
    this.end = why;
    this.heardDbfs = this.spokenDbfs = -96;
    for (const track of this.microphone?.getTracks() ?? []) {
      track.stop();
    }
    void this.context?.close().catch(() => {});
    this.socket?.close(1000);
    this.changed();
  }
}
