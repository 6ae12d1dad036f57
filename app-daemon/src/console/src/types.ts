// What the daemon's HTTP API answers; see docs/protocol/amqp-rpc.md for the meaning of each key.

/** A record of a call. Keys that are empty are left out by the daemon. */
export interface CallRecord {
  readonly id: string;
  readonly status?: string;
  readonly agent?: string;
  readonly host_id?: string;
  readonly reference_type?: string;
  readonly reference_id?: string;
  readonly llm_type?: string;
  readonly stt_type?: string;
  readonly stt_language?: string;
  readonly tts_type?: string;
  readonly tts_voice_id?: string;
  readonly tm_create: string | null;
  readonly tm_end?: string | null;
  readonly end_reason?: string;
}

/** One page of records, newest first. */
export interface CallPage {
  readonly result: readonly CallRecord[];
  readonly next_page_token: string;
}

/** Something that was said, as the record of an ended call keeps it. */
export interface SpokenMessage {
  readonly position: number;
  readonly speaker: "user" | "bot" | "message";
  readonly text: string;
  readonly interrupted: boolean;
  readonly estimated: boolean;
  readonly tm_said: string;
}

/** The latency ledger of one turn: milliseconds after `tm_caller_stopped`, each left out when it was not observed. */
export interface Turn {
  readonly number: number;
  readonly kind: string;
  readonly tm_caller_stopped: string | null;
  readonly end_of_turn_ms?: number;
  readonly transcript_ms?: number;
  readonly first_token_ms?: number;
  readonly first_speech_ms?: number;
  readonly first_frame_ms?: number;
  readonly barge_in_ms?: number;
  readonly last_old_frame_ms?: number;
  readonly stt_ms?: number;
  readonly llm_ttfb_ms?: number;
  readonly tts_ttfb_ms?: number;
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly tts_characters?: number;
}

/** An event of a call as it comes over server-sent events. */
export interface CallEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it happened; RFC 3339. */
  readonly tm_event?: string;
}

/** Ten of these a second while somebody watches a live call. */
export interface Levels {
  readonly at: string;
  readonly caller_dbfs: number;
  readonly bot_dbfs: number;
  readonly playing: boolean;
  readonly queued_ms: number;
  readonly cushion_ms: number;
  readonly underruns: number;
  readonly concealed_frames: number;
  readonly discarded_frames: number;
}

/** An agent of the embedded catalogue. */
export interface Agent {
  readonly name: string;
  readonly bot?: string;
  readonly default?: boolean;
  readonly recording?: string;
}
