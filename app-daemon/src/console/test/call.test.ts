import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CallModel } from "../src/model/call.ts";

const CREATED = "2026-01-02T03:04:05.000000Z";
const BEGAN = Date.parse(CREATED);

/** A model that was told these, each a type, seconds after the beginning, and data. */
function told(...events: [string, number, object?][]): CallModel {
  const call = new CallModel();
  for (const [type, seconds, data] of events) {
    const tm_event = new Date(BEGAN + seconds * 1000).toISOString();
    call.apply({ type, data: (data ?? {}) as Record<string, unknown>, tm_event }, 0);
  }
  return call;
}

describe("a call told by its events", () => {
  it("keeps what was said in order, and who said it", () => {
    const call = told(
      ["message_bot_heard", 1, { text: "Hello." }],
      ["message_user_transcription", 3, { text: "Hi there." }],
    );
    assert.deepEqual(
      call.lines.map(({ number, speaker, text, at }) => [number, speaker, text, at - BEGAN]),
      [
        [1, "bot", "Hello.", 1000],
        [2, "caller", "Hi there.", 3000],
      ],
    );
  });

  it("shows the bot's words as interim until they were heard", () => {
    const call = told(
      ["message_bot_llm_intermediate", 1, { id: "g", text: "One moment. I will " }],
      ["message_bot_llm_intermediate", 1.2, { id: "g", text: "look it up." }],
    );
    assert.equal(call.botInterim, "One moment. I will look it up.");
    call.apply({ type: "message_bot_heard", data: { text: "One moment." } }, BEGAN);
    assert.equal(call.botInterim, "I will look it up.");
    call.apply({ type: "message_bot_llm", data: { id: "g", text: "One moment. I will look it up." } }, BEGAN);
    assert.equal(call.botInterim, "I will look it up.");
    call.apply({ type: "message_bot_heard", data: { text: "I will look it up." } }, BEGAN);
    assert.equal(call.botInterim, "");
  });

  it("marks what was cut off, with what was never heard", () => {
    const call = told(
      ["message_bot_llm", 1, { id: "g", text: "The weather is fine today." }],
      ["bot_started_speaking", 1.1],
      ["bot_interrupted", 2, { heard_ms: 900, dropped_ms: 400 }],
      ["message_bot_heard", 2.1, { text: "The weather", estimated: true }],
      ["message_user_llm", 3, { text: "Stop." }],
      ["message_bot_heard", 4, { text: "All right." }],
    );
    const [cut, next] = call.lines;
    assert.equal(cut?.cutOff, true);
    assert.equal(cut?.estimated, true);
    assert.equal(cut?.unheard, "is fine today.");
    assert.equal(next?.cutOff, false);
    assert.equal(call.interruptions, 1);
    assert.equal(call.botInterim, "");
  });

  it("says that the caller speaks, and that the transcript is awaited", () => {
    const call = told(["user_started_speaking", 1]);
    assert.equal(call.callerSpeaking, true);
    call.apply({ type: "user_stopped_speaking", data: {} }, BEGAN + 2000);
    assert.deepEqual([call.callerSpeaking, call.transcriptAwaited], [false, true]);
    call.apply({ type: "message_user_transcription", data: { text: "Yes." } }, BEGAN + 2500);
    assert.equal(call.transcriptAwaited, false);
  });

  it("keeps spans per lane, and those of tools by their id", () => {
    const call = told(
      ["user_started_speaking", 1],
      ["user_stopped_speaking", 2],
      ["tool_call_started", 2, { tool_call_id: "a", name: "balance" }],
      ["tool_call_started", 2.5, { tool_call_id: "b", name: "weather" }],
      ["tool_call_finished", 3, { tool_call_id: "a", name: "balance", succeeded: false, took_ms: 1000 }],
      ["bot_started_speaking", 4],
      ["pipecatcall_terminated", 5, { status: "ended", end_reason: "bot_ended", tm_create: CREATED }],
    );
    assert.deepEqual(
      call.spans.map(({ lane, label, from, to, failed }) => [lane, label, from - BEGAN, (to ?? 0) - BEGAN, failed]),
      [
        ["caller", "caller speaks", 1000, 2000, false],
        ["tool", "balance", 2000, 3000, true],
        ["tool", "weather", 2500, 5000, false],
        ["bot", "bot speaks", 4000, 5000, false],
      ],
    );
    assert.deepEqual(
      call.warnings.map((warning) => warning.text),
      ["tool balance failed after 1000 ms"],
    );
    assert.equal(call.ended, true);
    assert.equal(call.marks.at(-1)?.label, "bot_ended");
  });

  it("warns of providers that fail, and of a runner that is lost and replaced", () => {
    const call = told(
      [
        "error_reported",
        1,
        {
          source: "runner",
          message: "no",
          part: "llm",
          provider: "openai",
          kind: "timeout",
          action: "switched",
          to: "groq",
          fatal: false,
        },
      ],
      ["bot_started_speaking", 1.5],
      ["runner_lost", 2, { attempt: 1, reason: "link_lost", message: "closed" }],
      ["runner_replaced", 3, { attempt: 1, took_ms: 1000 }],
      ["error_reported", 4, { source: "engine", message: "gone", fatal: true }],
    );
    assert.deepEqual(
      call.warnings.map(({ text, fatal }) => [text, fatal]),
      [
        ["llm openai timeout: no: switched to groq", false],
        ["runner lost (link_lost), try 1: closed", false],
        ["runner replaced after 1000 ms", false],
        ["engine: gone", true],
      ],
    );
    const [bot, runner] = call.spans;
    assert.equal(bot?.to, BEGAN + 2000);
    assert.deepEqual([runner?.lane, runner?.to], ["runner", BEGAN + 3000]);
  });

  it("ignores what it does not know, and data that is not what it should be", () => {
    const call = told(
      ["from_the_future", 1],
      ["message_user_transcription", 1, { text: 5 }],
      ["bot_interrupted", 2, {}],
    );
    assert.equal(call.lines.length, 0);
    assert.equal(call.interruptions, 1);
  });

  it("keeps no more than a bound of a call that does not end", () => {
    const call = new CallModel();
    for (let n = 0; n < 6000; n++) {
      call.apply({ type: "message_user_transcription", data: { text: String(n) } }, n);
    }
    assert.equal(call.lines.length, 5000);
    assert.equal(call.lines.at(-1)?.text, "5999");
  });
});
