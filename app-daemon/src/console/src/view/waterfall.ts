import { quantile, type Stage, scaleEnd, waterfall } from "../model/waterfall.ts";
import type { Turn } from "../types.ts";
import { el, write } from "./dom.ts";

const STAGES: readonly Stage[] = ["end of turn", "recogniser", "model", "voice", "playout"];

/** Where the time of each turn went, as bars on one scale and as numbers. */
export class WaterfallView {
  private readonly body = el("tbody");
  private readonly figures = el("p", { class: "note" });
  private shown = "";
  readonly element: HTMLElement;

  constructor() {
    const key = (stage: Stage): HTMLElement => el("span", { class: `key ${slug(stage)}`, "aria-hidden": "true" });
    const legend = STAGES.flatMap((stage) => [key(stage), `${stage} `]);
    const heads = ["#", "Heard", ...STAGES, "Total", "Where the time went"].map((text) => {
      const stage = STAGES.find((one) => one === text);
      return stage
        ? el("th", { scope: "col", class: "stage" }, key(stage), text)
        : el("th", { scope: "col", class: slug(text) }, text);
    });
    this.element = el(
      "div",
      {},
      this.figures,
      el("p", { class: "note legend" }, ...legend),
      el("table", { class: "turns" }, el("thead", {}, el("tr", {}, ...heads)), this.body),
    );
  }

  show(turns: readonly Turn[]): void {
    const state = JSON.stringify(turns);
    if (state === this.shown) {
      return;
    }
    this.shown = state;
    const falls = turns.map(waterfall);
    const end = scaleEnd(falls);
    const answers = falls.filter((fall) => fall.kind === "answer").flatMap((fall) => fall.total ?? []);
    const middle = quantile(answers, 0.5);
    write(
      this.figures,
      turns.length === 0
        ? "No turn is complete yet."
        : `Milliseconds after the caller stopped speaking${
            middle === null ? "" : `; the answers' median is ${middle} ms, the slowest ${Math.max(...answers)} ms`
          }.`,
    );
    this.body.replaceChildren(
      ...falls.map((fall, n) => {
        const bar = el("div", { class: "bar", "aria-hidden": "true" });
        for (const { stage, from, to } of fall.segments) {
          const part = el("span", { class: slug(stage), title: `${stage} ${to - from} ms` });
          part.style.left = `${(from / end) * 100}%`;
          part.style.width = `${((to - from) / end) * 100}%`;
          bar.append(part);
        }
        const took = (stage: Stage): string => {
          const segment = fall.segments.find((one) => one.stage === stage);
          return segment ? String(segment.to - segment.from) : "–";
        };
        const notes = [own(turns[n] as Turn)];
        if (fall.silentAfter !== null) {
          notes.push(`interrupted, silent after ${fall.silentAfter} ms`);
        }
        return el(
          "tr",
          {},
          el("td", { class: "number" }, String(fall.number)),
          el("td", {}, fall.kind),
          ...STAGES.map((stage) => el("td", { class: "number stage" }, took(stage))),
          el("td", { class: "number total" }, fall.total === null ? "–" : String(fall.total)),
          el("td", { class: "fall" }, bar, el("small", {}, notes.filter(Boolean).join("; "))),
        );
      }),
    );
    this.element.querySelector("table")?.toggleAttribute("hidden", turns.length === 0);
  }
}

/** What the runner itself measured. */
function own(turn: Turn): string {
  const times: [string, number | undefined][] = [
    ["recogniser", turn.stt_ms],
    ["model", turn.llm_ttfb_ms],
    ["voice", turn.tts_ttfb_ms],
  ];
  const known = times.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${ms}`]));
  const tokens =
    turn.prompt_tokens === undefined ? [] : [`${turn.prompt_tokens} + ${turn.completion_tokens ?? 0} tokens`];
  return known.length + tokens.length === 0 ? "" : `runner: ${[...known, ...tokens].join(", ")}`;
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}
