import type { CallEvent, CallRecord } from "../types.ts";
import { Awaited } from "./awaited.ts";

export type Speaker = "caller" | "bot" | "text";

/** One line of the transcript. */
export interface Line {
  /** 1, 2, 3… in the order in which they were said. */
  readonly number: number;
  readonly speaker: Speaker;
  readonly text: string;
  /** Milliseconds since the epoch, the daemon's clock. */
  readonly at: number;
  readonly cutOff: boolean;
  /** How far it was heard is an estimate. */
  readonly estimated: boolean;
  /** What the bot had ready when it was cut off, and the caller never heard. */
  readonly unheard: string;
}

/** Something that lasts; `to` is null while it does. */
export interface Span {
  readonly lane: "caller" | "bot" | "tool" | "runner";
  readonly label: string;
  readonly from: number;
  to: number | null;
  failed: boolean;
}

/** Something at one moment. */
export interface Mark {
  readonly kind: "interruption" | "key" | "problem" | "handover" | "live" | "end";
  readonly label: string;
  readonly at: number;
}

/** What somebody who watches should know. */
export interface Warning {
  readonly at: number;
  readonly text: string;
  readonly fatal: boolean;
}

/** What a browser keeps of one call: the latest of each, more than a call of two hours has. */
const KEPT = 5000;

/**
 * A call as its events tell it. Events have to come in order; what is unknown is ignored.
 *
 * What the caller heard is settled by the daemon at the end of a sentence or after an interruption; until then the bot's
 * words are interim.
 */
export class CallModel {
  record: CallRecord | null = null;
  readonly lines: Line[] = [];
  readonly spans: Span[] = [];
  readonly marks: Mark[] = [];
  readonly warnings: Warning[] = [];
  callerSpeaking = false;
  /** The caller has stopped, and the transcript has not come. */
  transcriptAwaited = false;
  /** When the last event happened. */
  latest = 0;
  interruptions = 0;

  private readonly bot = new Awaited();
  private cutting = false;
  private counter = 0;

  /** What the bot has written and the caller has not heard yet. */
  get botInterim(): string {
    return this.bot.text;
  }

  get ended(): boolean {
    return this.record?.status === "ended";
  }

  /** Takes in the next event; `now` stands in for its time where the daemon tells none. */
  apply(event: CallEvent, now: number): void {
    const at = time(event.tm_event) ?? now;
    this.latest = Math.max(this.latest, at);
    const data = event.data;
    switch (event.type) {
      case "pipecatcall_created":
        this.record = data as unknown as CallRecord;
        break;
      case "pipecatcall_initialized":
        this.record = data as unknown as CallRecord;
        this.mark("live", "live", at);
        break;
      case "pipecatcall_terminated":
        this.record = data as unknown as CallRecord;
        this.end(at);
        break;
      case "user_started_speaking":
        this.callerSpeaking = true;
        this.open("caller", "caller speaks", at);
        break;
      case "user_stopped_speaking":
        this.callerSpeaking = false;
        this.transcriptAwaited = true;
        this.close("caller", at);
        break;
      case "message_user_transcription":
        this.transcriptAwaited = this.callerSpeaking;
        this.say("caller", text(data, "text"), at, false, false);
        break;
      case "message_user_llm":
        this.cutting = false;
        this.bot.forget();
        break;
      case "message_bot_llm_intermediate":
        this.cutting = false;
        this.bot.piece(text(data, "id"), text(data, "text"));
        break;
      case "message_bot_llm":
        this.bot.whole(text(data, "id"), text(data, "text"));
        break;
      case "message_bot_heard":
        this.heard(text(data, "text"), at, data.estimated === true);
        break;
      case "bot_started_speaking":
        this.cutting = false;
        this.open("bot", "bot speaks", at);
        break;
      case "bot_stopped_speaking":
        this.close("bot", at);
        break;
      case "bot_interrupted":
        this.interrupted(at, number(data, "heard_ms"), number(data, "dropped_ms"));
        break;
      case "tool_call_started":
        this.open("tool", text(data, "name") || "tool", at, text(data, "tool_call_id"));
        break;
      case "tool_call_finished":
        this.toolFinished(data, at);
        break;
      case "dtmf_received":
        this.mark("key", text(data, "key"), at);
        break;
      case "team_member_switched":
        this.handedOver(data, at);
        break;
      case "runner_lost":
        this.runnerLost(data, at);
        break;
      case "runner_replaced":
        this.close("runner", at);
        this.warn(`runner replaced after ${number(data, "took_ms")} ms`, at, false);
        break;
      case "error_reported":
        this.failed(data, at);
        break;
    }
  }

  private end(at: number): void {
    this.callerSpeaking = false;
    this.transcriptAwaited = false;
    this.bot.forget();
    for (const span of this.spans) {
      span.to ??= at;
    }
    this.mark("end", this.record?.end_reason ?? "ended", at);
  }

  private heard(words: string, at: number, estimated: boolean): void {
    this.bot.heard(words);
    this.say("bot", words, at, this.cutting, estimated, this.cutting ? this.bot.take() : "");
  }

  private interrupted(at: number, heardMs: number, droppedMs: number): void {
    this.cutting = true;
    this.interruptions++;
    this.mark("interruption", `interrupted at ${heardMs} ms, ${droppedMs} ms dropped`, at);
    this.close("bot", at);
  }

  private toolFinished(data: CallEvent["data"], at: number): void {
    const succeeded = data.succeeded === true;
    const name = text(data, "name") || "tool";
    this.close("tool", at, text(data, "tool_call_id"), !succeeded);
    if (!succeeded) {
      this.warn(`tool ${name} failed after ${number(data, "took_ms")} ms`, at, false);
    }
  }

  private handedOver(data: CallEvent["data"], at: number): void {
    const to = data.to_member as { name?: string } | undefined;
    this.mark("handover", `handed over to ${to?.name || "another member"}`, at);
  }

  private runnerLost(data: CallEvent["data"], at: number): void {
    this.callerSpeaking = false;
    this.transcriptAwaited = false;
    for (const lane of ["caller", "bot", "runner"] as const) {
      this.close(lane, at);
    }
    this.open("runner", `runner lost: ${text(data, "reason")}`, at);
    const message = text(data, "message");
    this.warn(
      `runner lost (${text(data, "reason")}), try ${number(data, "attempt")}${message ? `: ${message}` : ""}`,
      at,
      false,
    );
  }

  private failed(data: CallEvent["data"], at: number): void {
    const part = text(data, "part");
    const of = part ? `${part} ${text(data, "provider")} ${text(data, "kind")}`.trim() : text(data, "source");
    const to = text(data, "to");
    const action = [text(data, "action"), to && `to ${to}`].filter(Boolean).join(" ");
    const what = [of, text(data, "message"), action].filter(Boolean).join(": ");
    this.mark("problem", what, at);
    this.warn(what, at, data.fatal === true);
  }

  private say(speaker: Speaker, words: string, at: number, cutOff: boolean, estimated: boolean, unheard = ""): void {
    if (words.trim() !== "") {
      keep(this.lines, { number: ++this.counter, speaker, text: words, at, cutOff, estimated, unheard });
    }
  }

  private mark(kind: Mark["kind"], label: string, at: number): void {
    keep(this.marks, { kind, label, at });
  }

  private warn(what: string, at: number, fatal: boolean): void {
    keep(this.warnings, { at, text: what, fatal });
  }

  private readonly tools = new Map<string, Span>();

  private open(lane: Span["lane"], label: string, from: number, tool = ""): void {
    if (lane !== "tool") {
      this.close(lane, from);
    }
    const span: Span = { lane, label, from, to: null, failed: false };
    keep(this.spans, span);
    if (lane === "tool") {
      this.tools.set(tool, span);
    }
  }

  private close(lane: Span["lane"], to: number, tool = "", failed = false): void {
    const span = lane === "tool" ? this.tools.get(tool) : this.spans.findLast((one) => one.lane === lane);
    if (span && span.to === null) {
      span.to = to;
      span.failed = failed;
    }
    this.tools.delete(tool);
  }
}

/** The time of an RFC 3339 text in milliseconds; null for none. */
export function time(text: string | null | undefined): number | null {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > KEPT) {
    list.shift();
  }
}

function text(data: CallEvent["data"], key: string): string {
  const value = data[key];
  return typeof value === "string" ? value : "";
}

function number(data: CallEvent["data"], key: string): number {
  const value = data[key];
  return typeof value === "number" ? value : 0;
}
