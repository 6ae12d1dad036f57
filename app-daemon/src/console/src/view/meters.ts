import { level, meterPart } from "../model/words.ts";
import type { Levels } from "../types.ts";
import { el, svg, write } from "./dom.ts";

/** How much of the playout's depth is drawn: 60 s of ten a second. */
const HISTORY = 600;
/** The top of the drawing, in milliseconds: what a runner may run ahead, and a little. */
const DEPTH_MS = 500;
const COUNTS: readonly (readonly [keyof Levels, string])[] = [
  ["queued_ms", "queued ms"],
  ["cushion_ms", "cushion ms"],
  ["underruns", "underruns"],
  ["concealed_frames", "concealed frames"],
  ["discarded_frames", "discarded frames"],
];

/** A level as a bar with its figure. Not announced as it moves; it can be read at any time. */
export class Meter {
  private readonly fill = el("span", { class: "fill" });
  private readonly figure = el("span", { class: "number" }, "silent");
  private readonly gauge: HTMLElement;
  readonly element: HTMLElement;

  constructor(label: string, kind: string) {
    this.gauge = el(
      "span",
      {
        class: `meter ${kind}`,
        role: "meter",
        "aria-label": `level of the ${label}`,
        "aria-valuemin": -60,
        "aria-valuemax": 0,
      },
      this.fill,
    );
    this.element = el("div", { class: "level" }, el("span", {}, label), this.gauge, this.figure);
    this.show(-96);
  }

  show(dbfs: number): void {
    this.fill.style.transform = `scaleX(${meterPart(dbfs).toFixed(3)})`;
    this.gauge.setAttribute("aria-valuenow", String(Math.round(Math.min(0, Math.max(-60, dbfs)))));
    this.gauge.setAttribute("aria-valuetext", level(dbfs));
    write(this.figure, level(dbfs));
  }
}

/** Both levels of a live call, the playout's depth over the last minute, and what went wrong with it. */
export class MetersView {
  private readonly caller = new Meter("caller", "caller");
  private readonly bot = new Meter("bot", "bot");
  private readonly depth: number[] = [];
  private readonly curve = svg("polyline", { points: "" });
  private readonly figures = COUNTS.map(([key, label]) => [key, el("dd", { class: "number" }, "0"), label] as const);
  readonly element: HTMLElement;

  constructor() {
    const picture = svg(
      "svg",
      { class: "depth", viewBox: `0 0 ${HISTORY} 100`, preserveAspectRatio: "none", role: "img" },
      svg("title", {}, `playout depth over the last minute, the top is ${DEPTH_MS} ms`),
      this.curve,
    );
    const counts = this.figures.map(([, figure, label]) => el("div", {}, el("dt", {}, label), figure));
    this.element = el(
      "div",
      { class: "meters" },
      this.caller.element,
      this.bot.element,
      picture,
      el("dl", { class: "counts" }, ...counts),
    );
  }

  show(levels: Levels): void {
    this.caller.show(levels.caller_dbfs);
    this.bot.show(levels.bot_dbfs);
    for (const [key, figure] of this.figures) {
      write(figure, String(Math.round(Number(levels[key]))));
      figure.classList.toggle("bad", key === "underruns" && levels.underruns > 0);
    }
    this.depth.push(levels.queued_ms);
    if (this.depth.length > HISTORY) this.depth.shift();
    const from = HISTORY - this.depth.length;
    const y = (ms: number): string => (100 - Math.min(1, ms / DEPTH_MS) * 98).toFixed(0);
    this.curve.setAttribute("points", this.depth.map((ms, n) => `${from + n},${y(ms)}`).join(" "));
  }
}
