import type { Turn } from "../types.ts";

export type Stage = "end of turn" | "recogniser" | "model" | "voice" | "playout";

/** One part of a turn's latency; milliseconds after the caller stopped. */
export interface Segment {
  readonly stage: Stage;
  readonly from: number;
  readonly to: number;
}

export interface Waterfall {
  readonly number: number;
  readonly kind: string;
  readonly segments: readonly Segment[];
  /** From the caller's last sound to the bot's first; null where the bot was not heard. */
  readonly total: number | null;
  /** How long the rest of an interrupted answer was still heard; null where nothing was interrupted. */
  readonly silentAfter: number | null;
}

/** In the order in which they follow each other: the moment that ends each stage. */
const STAGES: readonly (readonly [Stage, keyof Turn])[] = [
  ["end of turn", "end_of_turn_ms"],
  ["recogniser", "transcript_ms"],
  ["model", "first_token_ms"],
  ["voice", "first_speech_ms"],
  ["playout", "first_frame_ms"],
];

/**
 * Where the time of a turn went. A moment that was not observed has no stage, and its time counts to the next. One that came
 * before the stage before it was over (a transcript that was there before the turn ended) took no time of its own.
 */
export function waterfall(turn: Turn): Waterfall {
  const segments: Segment[] = [];
  let reached = 0;
  for (const [stage, key] of STAGES) {
    const moment = turn[key];
    if (typeof moment === "number" && moment > reached) {
      segments.push({ stage, from: reached, to: moment });
      reached = moment;
    }
  }
  const { barge_in_ms: told, last_old_frame_ms: last } = turn;
  return {
    number: turn.number,
    kind: turn.kind,
    segments,
    total: turn.first_frame_ms ?? null,
    silentAfter: told === undefined || last === undefined ? null : Math.max(0, last - told),
  };
}

/** The right end of a common scale for these: a round number of milliseconds, at least 500. */
export function scaleEnd(falls: readonly Waterfall[]): number {
  const longest = Math.max(0, ...falls.flatMap((fall) => fall.segments.map((segment) => segment.to)));
  return Math.max(500, Math.ceil(longest / 500) * 500);
}

/** The value below which `share` of them are; null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
