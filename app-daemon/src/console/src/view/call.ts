import { Refused } from "../api.ts";
import { CallModel, time } from "../model/call.ts";
import { LIVE_WINDOW, recordedLines, remember, settle, timeLine } from "../model/timeline.ts";
import { duration, moment, offset, spoken } from "../model/words.ts";
import type { CallRecord, Levels, Turn } from "../types.ts";
import { badge, button, el, title, write } from "./dom.ts";
import { MetersView } from "./meters.ts";
import { TimeLineView } from "./timeline.ts";
import { TranscriptView } from "./transcript.ts";
import { explain, type Page } from "./view.ts";
import { WaterfallView } from "./waterfall.ts";

/** How often a live call's time line moves on, in milliseconds; seldom where the reader wants little motion. */
const MOVE_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 250;
/** After these a turn may have something new. */
const TURN_EVENTS = new Set(["bot_started_speaking", "bot_stopped_speaking", "bot_interrupted", "message_bot_heard"]);
/** A recording is begun, and complete, half a second or so after the end of its call at the latest. How often that is asked. */
const RECORDED_EACH_MS = 250;
/** How long after its end a call without a recording is asked for one. */
const BEGUN_WITHIN_MS = 2000;
const ZOOMS = ["last minute", "whole call", "2 ×", "4 ×", "8 ×"];

/** One call: live, or over. */
export class CallView {
  private readonly call = new CallModel();
  private readonly transcript = new TranscriptView();
  private readonly timeline = new TimeLineView();
  private readonly waterfall = new WaterfallView();
  private readonly meters = new MetersView();
  private readonly heading = title("Call");
  private readonly state = el("span", { class: "badge" });
  private readonly lasted = el("span", { class: "number" });
  private readonly facts = el("dl", { class: "facts" });
  private readonly warnings = el("ul", { class: "warnings", "aria-live": "polite", "aria-label": "Warnings" });
  private readonly noWarnings = el("p", { class: "note" }, "None.");
  private readonly live = section("Sound", this.meters.element);
  private readonly recording = section("Recording");
  private readonly stop: HTMLButtonElement;
  private readonly zoom = el("select", { "aria-label": "Zoom of the time line" });
  private warned = 0;
  private underruns = 0;
  private dirty = true;
  private turnsDue = false;
  private failure = "";

  constructor(
    root: HTMLElement,
    private readonly page: Page,
    private readonly id: string,
    private readonly signal: AbortSignal,
  ) {
    this.stop = button("End the call", () => this.end(), { class: "danger" });
    this.zoom.append(...ZOOMS.map((text) => el("option", {}, text)));
    this.zoom.addEventListener("change", () => this.draw());
    const timeline = section("Time line", this.timeline.element);
    timeline.querySelector("h2")?.append(" ", this.zoom);
    this.live.hidden = this.recording.hidden = true;
    this.stop.hidden = true;
    root.append(
      el("div", { class: "head" }, this.heading, this.state, this.lasted, this.stop),
      this.facts,
      el(
        "div",
        { class: "columns" },
        el("div", {}, section("Transcript", this.transcript.element)),
        el("div", {}, this.live, section("Warnings", this.noWarnings, this.warnings), this.recording),
      ),
      timeline,
      section("Turns", this.waterfall.element),
    );
    void this.run();
    const clock = setInterval(() => this.tick(), MOVE_MS);
    addEventListener("resize", () => this.draw(), { signal });
    signal.addEventListener("abort", () => clearInterval(clock));
  }

  private async run(): Promise<void> {
    try {
      const record = await this.page.api.call(this.id);
      this.call.record = record;
      this.draw();
      this.followLevels();
      await this.page.api.events(this.id, this.signal, (event) => {
        this.call.apply(event, this.page.api.now());
        this.dirty = true;
        if (event.type === "pipecatcall_initialized") {
          // There are none before the call is live.
          this.followLevels();
        }
        this.turnsDue ||= TURN_EVENTS.has(event.type);
      });
      if (!this.signal.aborted) {
        await this.conclude();
      }
    } catch (problem) {
      if (!this.signal.aborted) {
        this.failure =
          problem instanceof Refused && problem.status === 404 ? "There is no such call." : explain(problem);
        this.page.trouble(this.failure);
      }
    }
  }

  private followLevels(): void {
    if (!this.live.hidden || this.call.ended) return;
    this.live.hidden = false;
    void this.page.api
      .levels(this.id, this.signal, (levels) => this.level(levels))
      .then(() => {
        this.live.hidden = true;
      });
  }

  private level(levels: Levels): void {
    this.meters.show(levels);
    if (levels.underruns > this.underruns) {
      const at = time(levels.at) ?? this.page.api.now();
      const text = `playout ran dry: the bot's audio came too late (${levels.underruns} so far)`;
      this.call.warnings.push({ at, text, fatal: false });
      this.underruns = levels.underruns;
      this.dirty = true;
    }
  }

  /** The call is over: its record knows the rest. */
  private async conclude(): Promise<void> {
    const [record, messages] = await Promise.all([this.page.api.call(this.id), this.page.api.messages(this.id)]);
    const turns = await this.refreshTurns();
    this.call.record = record;
    const lines = recordedLines(messages);
    if (this.call.spans.length === 0 && this.call.lines.length === 0) {
      remember(this.call, lines, turns);
    } else if (lines.length > 0) {
      settle(this.call, lines);
    }
    this.draw();
    await this.offerRecording();
  }

  private async refreshTurns(): Promise<readonly Turn[]> {
    const turns = await this.page.api.turns(this.id);
    this.waterfall.show(turns);
    return turns;
  }

  /** The recording, unread; of a call that has just ended it may be neither begun nor complete yet. */
  private async recorded(path: string, signal: AbortSignal): Promise<Response | null> {
    const begun = (time(this.call.record?.tm_end) ?? 0) + BEGUN_WITHIN_MS;
    for (;;) {
      const answer = await this.page.api.file(path, signal);
      const isOver = answer ? answer.headers.get("Recording-Complete") === "true" : this.page.api.now() > begun;
      if (isOver) return answer;
      await answer?.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, RECORDED_EACH_MS));
      signal.throwIfAborted();
    }
  }

  private async offerRecording(): Promise<void> {
    const path = `v1/pipecatcalls/${this.id}/recording`;
    const looking = new AbortController();
    this.signal.addEventListener("abort", () => looking.abort());
    const answer = await this.recorded(path, looking.signal);
    if (answer === null) return;
    const player = el("audio", {
      controls: true,
      preload: "metadata",
      "aria-label": "Recording: left the caller, right the bot",
    });
    if (this.page.api.hasToken) {
      // An audio element cannot send the token, so what it plays has to be here first.
      const address = URL.createObjectURL(await answer.blob());
      this.signal.addEventListener("abort", () => URL.revokeObjectURL(address));
      player.src = address;
    } else {
      looking.abort();
      player.src = new URL(`../${path}`, document.baseURI).href;
    }
    this.recording.append(player);
    this.recording.hidden = false;
  }

  private end(): void {
    this.stop.disabled = true;
    this.page.api.stop(this.id).catch((problem) => {
      this.stop.disabled = false;
      this.page.trouble(explain(problem));
    });
  }

  /** Live calls move on by themselves, others only when something came. */
  private tick(): void {
    if (document.hidden || (!this.dirty && this.call.ended)) return;
    this.dirty = false;
    if (this.turnsDue && !this.call.ended) {
      this.turnsDue = false;
      void this.refreshTurns().catch(() => {});
    }
    this.draw();
  }

  private draw(): void {
    const { call } = this;
    const record = call.record;
    if (!record || this.signal.aborted) return;
    const now = this.page.api.now();
    const began = time(record.tm_create) ?? now;
    const name = record.agent || record.llm_type || "unnamed";
    write(this.heading, `Call of ${name}`);
    document.title = `${name} · console`;
    write(this.state, call.ended ? spoken(record.end_reason ?? "ended") : (record.status ?? "unknown"));
    this.state.className = `badge ${record.status ?? ""}`;
    write(this.lasted, duration((call.ended ? (time(record.tm_end) ?? now) : now) - began));
    this.stop.hidden = call.ended || record.status === "ending";
    this.zoom.options[0]?.toggleAttribute("hidden", call.ended);
    if (call.ended && this.zoom.selectedIndex === 0) this.zoom.selectedIndex = 1;
    this.drawFacts(record, began);
    this.transcript.show(call, began);
    this.drawWarnings(began);
    const last = this.zoom.selectedIndex === 0;
    const line = timeLine(call, now, last ? LIVE_WINDOW : Number.POSITIVE_INFINITY);
    this.timeline.show(line, call, began, last ? 1 : 2 ** (this.zoom.selectedIndex - 1));
  }

  private drawFacts(record: CallRecord, began: number): void {
    const reference = record.reference_type ? `${spoken(record.reference_type)} ${record.reference_id}` : "";
    const facts: [string, string | undefined][] = [
      ["Call", record.id],
      ["Began", moment(began)],
      ["For", reference],
      ["Host", record.host_id],
      ["Model", record.llm_type],
      ["Hears with", [record.stt_type, record.stt_language].filter(Boolean).join(" ")],
      ["Speaks with", [record.tts_type, record.tts_voice_id].filter(Boolean).join(" ")],
    ];
    const known = facts.filter(([, value]) => value);
    if (this.facts.childElementCount !== known.length) {
      this.facts.replaceChildren(
        ...known.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value ?? ""))),
      );
    }
  }

  private drawWarnings(began: number): void {
    for (const { at, text, fatal } of this.call.warnings.slice(this.warned)) {
      const kind = fatal ? [badge("fatal", "bad"), " "] : [];
      this.warnings.append(el("li", {}, el("time", {}, offset(at - began)), " ", ...kind, text));
    }
    this.warned = this.call.warnings.length;
    this.noWarnings.hidden = this.warned > 0;
  }
}

function section(heading: string, ...content: HTMLElement[]): HTMLElement {
  return el("section", {}, el("h2", {}, heading), ...content);
}
