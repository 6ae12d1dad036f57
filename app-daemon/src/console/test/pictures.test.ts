import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CallModel } from "../src/model/call.ts";
import { placeMarks, placeSpans, recordedLines, remember, settle, ticks, timeLine } from "../src/model/timeline.ts";
import { quantile, scaleEnd, waterfall } from "../src/model/waterfall.ts";
import { duration, level, meterPart, offset } from "../src/model/words.ts";
import type { SpokenMessage, Turn } from "../src/types.ts";

const turn = (rest: Partial<Turn>): Turn => ({ number: 1, kind: "answer", tm_caller_stopped: null, ...rest });

describe("the waterfall of a turn", () => {
  it("puts each stage after the one before", () => {
    const fall = waterfall(
      turn({
        end_of_turn_ms: 300,
        transcript_ms: 420,
        first_token_ms: 900,
        first_speech_ms: 1100,
        first_frame_ms: 1120,
      }),
    );
    assert.deepEqual(
      fall.segments.map(({ stage, from, to }) => [stage, from, to]),
      [
        ["end of turn", 0, 300],
        ["recogniser", 300, 420],
        ["model", 420, 900],
        ["voice", 900, 1100],
        ["playout", 1100, 1120],
      ],
    );
    assert.equal(fall.total, 1120);
  });

  it("gives no time to a transcript that was there before the turn ended", () => {
    const fall = waterfall(turn({ end_of_turn_ms: 500, transcript_ms: 350, first_token_ms: 800 }));
    assert.deepEqual(
      fall.segments.map(({ stage, from, to }) => [stage, from, to]),
      [
        ["end of turn", 0, 500],
        ["model", 500, 800],
      ],
    );
    assert.equal(fall.total, null);
  });

  it("counts what was not observed to the next stage", () => {
    const fall = waterfall(turn({ kind: "greeting", first_frame_ms: 40 }));
    assert.deepEqual(fall.segments, [{ stage: "playout", from: 0, to: 40 }]);
  });

  it("tells how long an interrupted answer was still heard", () => {
    assert.equal(waterfall(turn({ barge_in_ms: 2000, last_old_frame_ms: 2015 })).silentAfter, 15);
    assert.equal(waterfall(turn({ barge_in_ms: 2000 })).silentAfter, null);
  });

  it("has a round scale and honest quantiles", () => {
    assert.equal(scaleEnd([]), 500);
    assert.equal(scaleEnd([waterfall(turn({ first_frame_ms: 1120 }))]), 1500);
    assert.equal(quantile([], 0.5), null);
    assert.equal(quantile([30, 10, 20], 0.5), 20);
  });
});

describe("the time line", () => {
  const live = (): CallModel => {
    const call = new CallModel();
    call.record = { id: "c", status: "live", tm_create: "1970-01-01T00:00:00Z" };
    call.spans.push({ lane: "bot", label: "b", from: 10_000, to: 50_000, failed: false });
    call.spans.push({ lane: "caller", label: "c", from: 95_000, to: null, failed: false });
    call.marks.push({ kind: "key", label: "5", at: 20_000 }, { kind: "key", label: "6", at: 70_000 });
    return call;
  };

  it("of a live call looks back a minute, and what lasts reaches to now", () => {
    const line = timeLine(live(), 100_000, 60_000);
    assert.deepEqual([line.from, line.to], [40_000, 100_000]);
    const [bot, caller] = placeSpans(line);
    assert.equal(bot?.at, 0);
    assert.ok(Math.abs((bot?.width ?? 0) - 1 / 6) < 1e-9);
    assert.ok(Math.abs((caller?.at ?? 0) + (caller?.width ?? 0) - 1) < 1e-9);
    assert.deepEqual(
      placeMarks(line).map(({ item }) => item.label),
      ["6"],
    );
  });

  it("leaves out what lies before or behind it", () => {
    const line = { ...timeLine(live(), 100_000, 60_000), from: 60_000, to: 90_000 };
    assert.equal(placeSpans(line).length, 0);
  });

  it("has at most eleven ticks at round seconds", () => {
    const line = timeLine(live(), 100_000, 60_000);
    assert.deepEqual(
      ticks(line, 0).map((tick) => tick.seconds),
      [40, 50, 60, 70, 80, 90, 100],
    );
    assert.ok(ticks({ ...line, from: 0, to: 7_200_000 }, 0).length <= 11);
  });

  const said: SpokenMessage[] = [
    {
      position: 1,
      speaker: "bot",
      text: "Hello there",
      interrupted: false,
      estimated: false,
      tm_said: "1970-01-01T00:00:02Z",
    },
    {
      position: 2,
      speaker: "user",
      text: "Wait",
      interrupted: false,
      estimated: false,
      tm_said: "1970-01-01T00:00:04Z",
    },
    {
      position: 3,
      speaker: "bot",
      text: "Yes I",
      interrupted: true,
      estimated: false,
      tm_said: "1970-01-01T00:00:06Z",
    },
  ];

  it("of a call whose events are gone is made from its record, and says that it is an estimate", () => {
    const call = new CallModel();
    remember(call, recordedLines(said), [turn({ kind: "greeting", tm_caller_stopped: "1970-01-01T00:00:01Z" })]);
    assert.deepEqual(
      call.spans.map(({ lane, from, to }) => [lane, from, to]),
      [
        ["bot", 1300, 2000],
        ["caller", 3650, 4000],
        ["bot", 5300, 6000],
      ],
    );
    assert.ok(call.spans.every((span) => span.label.includes("estimated")));
    assert.equal(call.interruptions, 1);
  });

  it("takes the record's word for what was cut off, and keeps what was never heard", () => {
    const call = new CallModel();
    call.lines.push({
      number: 1,
      speaker: "bot",
      text: "Yes I",
      at: 1,
      cutOff: false,
      estimated: false,
      unheard: "will do.",
    });
    settle(call, recordedLines(said));
    assert.deepEqual(
      call.lines.map(({ text, cutOff, unheard }) => [text, cutOff, unheard]),
      [
        ["Hello there", false, ""],
        ["Wait", false, ""],
        ["Yes I", true, "will do."],
      ],
    );
  });
});

describe("words", () => {
  it("say how long and when", () => {
    assert.equal(duration(3_723_000), "1:02:03");
    assert.equal(duration(-5), "0:00");
    assert.equal(offset(63_450), "+1:03.4");
  });

  it("say how loud", () => {
    assert.equal(level(-96), "silent");
    assert.equal(level(Number.NaN), "silent");
    assert.equal(level(-22.6), "-23 dB");
    assert.deepEqual([meterPart(-96), meterPart(-30), meterPart(3)], [0, 0.5, 1]);
  });
});
