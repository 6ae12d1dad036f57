import type { CallModel, Mark, Span } from "../model/call.ts";
import { placeMarks, placeSpans, type TimeLine, ticks } from "../model/timeline.ts";
import { duration } from "../model/words.ts";
import { el, svg } from "./dom.ts";

const LANES: readonly (readonly [Span["lane"], string])[] = [
  ["caller", "caller"],
  ["bot", "bot"],
  ["tool", "tools"],
  ["runner", "runner"],
];
const LANE_HEIGHT = 22;
const AXIS_HEIGHT = 18;
/** Room for the names of the lanes. */
const GUTTER = 48;
/** Room for the time at a tick. */
const TICK_WIDTH = 36;
const SYMBOLS: Readonly<Record<Mark["kind"], string>> = {
  interruption: "✂",
  key: "⌨",
  problem: "!",
  handover: "⇄",
  live: "▸",
  end: "■",
};

/** Who spoke when, with tools, keys, interruptions and problems; a picture with a sentence for those who do not see it. */
export class TimeLineView {
  readonly element = el("div", { class: "timeline", tabindex: 0, role: "region", "aria-label": "Time line" });

  /**
   * @param began beginning of the call, milliseconds since the epoch
   * @param zoom how many times wider than the page it is
   */
  show(line: TimeLine, call: CallModel, began: number, zoom: number): void {
    const length = Math.max(200, (this.element.clientWidth || 600) * zoom - GUTTER - 2);
    const width = GUTTER + length;
    const place = (part: number): number => GUTTER + part * length;
    const lanes = LANES.filter(([lane]) => lane !== "runner" || call.spans.some((span) => span.lane === "runner"));
    const marksAt = lanes.length * LANE_HEIGHT;
    const height = marksAt + LANE_HEIGHT + AXIS_HEIGHT;
    const picture = svg("svg", { width, height, role: "img", "aria-label": summary(call) });
    for (const tick of ticks(line, began)) {
      const x = place(tick.at);
      picture.append(svg("line", { class: "grid", x1: x, x2: x, y1: 0, y2: height - AXIS_HEIGHT }));
      if (x < width - TICK_WIDTH)
        picture.append(svg("text", { class: "tick", x: x + 3, y: height - 5 }, duration(tick.seconds * 1000)));
    }
    lanes.forEach(([, label], n) => {
      const y = n * LANE_HEIGHT;
      picture.append(svg("line", { class: "lane", x1: 0, x2: width, y1: y + LANE_HEIGHT, y2: y + LANE_HEIGHT }));
      picture.append(svg("text", { class: "label", x: 2, y: y + 15 }, label));
    });
    for (const { item, at, width: part } of placeSpans(line)) {
      const n = lanes.findIndex(([lane]) => lane === item.lane);
      const kind = `span ${item.lane}${item.to === null ? " open" : ""}${item.failed ? " failed" : ""}`;
      const box = {
        x: place(at),
        y: n * LANE_HEIGHT + 3,
        width: Math.max(2, part * length),
        height: LANE_HEIGHT - 6,
        rx: 2,
      };
      const group = svg("g", { class: kind }, svg("rect", box), svg("title", {}, spanText(item, began)));
      if (item.lane === "tool" && box.width > 40) {
        group.append(svg("text", { x: box.x + 4, y: box.y + 12 }, item.label));
      }
      picture.append(group);
    }
    for (const { item, at } of placeMarks(line)) {
      const x = Math.min(width - 8, place(at));
      const symbol = item.kind === "key" ? item.label : SYMBOLS[item.kind];
      const what = `${item.label}, at ${duration(item.at - began)}`;
      const group = svg("g", { class: `mark ${item.kind}` }, svg("title", {}, what));
      if (item.kind === "interruption" || item.kind === "problem") {
        group.append(svg("line", { x1: x, x2: x, y1: 0, y2: marksAt }));
      }
      group.append(svg("text", { x, y: marksAt + 16, "text-anchor": "middle" }, symbol));
      picture.append(group);
    }
    this.element.replaceChildren(picture);
  }
}

function spanText(span: Span, began: number): string {
  const lasted = span.to === null ? "" : `, ${((span.to - span.from) / 1000).toFixed(1)} s`;
  return `${span.label}${span.failed ? ", failed" : ""}, from ${duration(span.from - began)}${lasted}`;
}

function summary(call: CallModel): string {
  const count = (lane: Span["lane"]): number => call.spans.filter((span) => span.lane === lane).length;
  const keys = call.marks.filter((mark) => mark.kind === "key").map((mark) => mark.label);
  return [
    `Caller spoke ${count("caller")} times, bot ${count("bot")} times`,
    `${call.interruptions} interruptions`,
    `${count("tool")} tool calls`,
    keys.length > 0 ? `keys ${keys.join(" ")}` : "no keys",
  ].join(", ");
}
