import type { SpokenMessage, Turn } from "../types.ts";
import { type CallModel, type Line, type Mark, type Span, time } from "./call.ts";

/** What the time line shows; times in milliseconds since the epoch. */
export interface TimeLine {
  readonly from: number;
  readonly to: number;
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
}

/** A piece of a time line placed on an axis: fractions of its width, 0 to 1. */
export interface Placed<T> {
  readonly item: T;
  readonly at: number;
  readonly width: number;
}

/** How far a live call's time line looks back at most, in milliseconds. */
export const LIVE_WINDOW = 60_000;

/** The part of a call's time line that ends now: its whole when it is shorter than `window` milliseconds or has ended. */
export function timeLine(call: CallModel, now: number, window: number): TimeLine {
  const created = time(call.record?.tm_create) ?? now;
  const ended = call.ended ? (time(call.record?.tm_end) ?? call.latest) : null;
  const to = Math.max(ended ?? now, created + 1000);
  const from = ended === null ? Math.max(created, to - window) : created;
  return { from, to, spans: call.spans, marks: call.marks };
}

/** The spans of a time line, cut to it; those outside are left out. */
export function placeSpans(line: TimeLine): Placed<Span>[] {
  const length = line.to - line.from;
  return line.spans.flatMap((item) => {
    const from = Math.max(item.from, line.from);
    const to = Math.min(item.to ?? line.to, line.to);
    return to < from || item.from > line.to
      ? []
      : [{ item, at: (from - line.from) / length, width: (to - from) / length }];
  });
}

/** The marks of a time line; those outside are left out. */
export function placeMarks(line: TimeLine): Placed<Mark>[] {
  return line.marks
    .filter((mark) => mark.at >= line.from && mark.at <= line.to)
    .map((item) => ({ item, at: (item.at - line.from) / (line.to - line.from), width: 0 }));
}

/** Seconds after the beginning of the call at which the axis has its ticks: at most ten, of a round distance. */
export function ticks(line: TimeLine, began: number): { readonly at: number; readonly seconds: number }[] {
  const length = (line.to - line.from) / 1000;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800].find((seconds) => length / seconds <= 10) ?? 3600;
  const first = Math.ceil((line.from - began) / 1000 / step) * step;
  const found: { at: number; seconds: number }[] = [];
  for (let seconds = first; began + seconds * 1000 <= line.to; seconds += step) {
    found.push({ at: (began + seconds * 1000 - line.from) / (line.to - line.from), seconds });
  }
  return found;
}

/** How long the bot is taken to have spoken for a word where only its text is kept, in milliseconds. */
const WORD_MS = 350;

/** What was said, as the record of an ended call has it. */
export function recordedLines(messages: readonly SpokenMessage[]): Line[] {
  return messages.map((message) => ({
    number: message.position,
    speaker: message.speaker === "user" ? "caller" : message.speaker === "message" ? "text" : "bot",
    text: message.text,
    at: time(message.tm_said) ?? 0,
    cutOff: message.interrupted,
    estimated: message.estimated,
    unheard: "",
  }));
}

/**
 * Fills the model of an ended call whose events are not kept any more from its record: what was said, and when the call
 * became live. When anybody began to speak is an estimate.
 */
export function remember(call: CallModel, lines: readonly Line[], turns: readonly Turn[]): void {
  call.lines.push(...lines);
  for (const { speaker, text, at, cutOff } of lines) {
    if (speaker !== "text") {
      const from = at - text.split(/\s+/).length * WORD_MS;
      call.spans.push({ lane: speaker, label: `${speaker} speaks (estimated)`, from, to: at, failed: false });
    }
    if (cutOff) {
      call.interruptions++;
      call.marks.push({ kind: "interruption", label: "interrupted", at });
    }
  }
  for (const turn of turns) {
    const live = turn.kind === "greeting" ? time(turn.tm_caller_stopped) : null;
    if (live !== null) {
      call.marks.push({ kind: "live", label: "live", at: live });
    }
  }
}

/** Puts what the record says in the place of what the events told: it knows for certain what was cut off. */
export function settle(call: CallModel, recorded: readonly Line[]): void {
  const unheard = new Map(call.lines.map((line) => [line.text, line.unheard]));
  const lines = recorded.map((line) => ({ ...line, unheard: line.cutOff ? (unheard.get(line.text) ?? "") : "" }));
  call.lines.splice(0, call.lines.length, ...lines);
}
