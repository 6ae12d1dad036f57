import type { CallModel, Line } from "../model/call.ts";
import { offset } from "../model/words.ts";
import { el, write } from "./dom.ts";

const WHO: Readonly<Record<Line["speaker"], string>> = { caller: "caller", bot: "bot", text: "text in" };

/**
 * What was said. Lines are announced by screen readers as they come; what is still interim is not, because it changes word
 * by word. Keeps to the end while the reader is there.
 */
export class TranscriptView {
  private readonly lines = el("ol");
  private readonly log = el("div", { role: "log", "aria-live": "polite", "aria-label": "What was said" }, this.lines);
  private readonly caller = el("p", { class: "interim caller" });
  private readonly bot = el("p", { class: "interim bot" });
  private readonly interim = el("div", { "aria-live": "off" }, this.caller, this.bot);
  private readonly nothing = el("p", { class: "note" }, "Nothing was said yet.");
  private shown: Line[] = [];
  readonly element = el(
    "div",
    { class: "transcript", tabindex: 0, role: "region", "aria-label": "Transcript" },
    this.nothing,
    this.log,
    this.interim,
  );

  show(call: CallModel, began: number): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const atEnd = scrollHeight - scrollTop - clientHeight < 40;
    const same = this.shown.findIndex((line, n) => line !== call.lines[n]);
    if (same >= 0) {
      // The record has taken the place of the events, or the oldest were let go.
      this.lines.replaceChildren();
      this.shown = [];
    }
    for (const line of call.lines.slice(this.shown.length)) {
      this.lines.append(row(line, began));
      this.shown.push(line);
    }
    const waiting = call.callerSpeaking ? "speaking…" : call.transcriptAwaited ? "being recognised…" : "";
    this.interimLine(this.caller, "caller", waiting);
    this.interimLine(this.bot, "bot", call.botInterim);
    this.nothing.hidden = this.shown.length > 0 || waiting !== "" || call.botInterim !== "";
    if (atEnd) {
      this.element.scrollTop = this.element.scrollHeight;
    }
  }

  private interimLine(line: HTMLElement, who: string, words: string): void {
    line.hidden = words === "";
    write(line, words === "" ? "" : `${who}: ${words}`);
  }
}

function row(line: Line, began: number): HTMLElement {
  const text = el("span", { class: "words" }, line.text);
  if (line.unheard !== "") {
    text.append(" ", el("s", {}, line.unheard));
  }
  if (line.cutOff) {
    text.append(" ", el("span", { class: "badge cut" }, line.unheard === "" ? "cut off" : "cut off, the rest unheard"));
  }
  if (line.estimated) {
    text.append(" ", el("span", { class: "badge" }, "about"));
  }
  const at = el("time", {}, offset(line.at - began));
  return el("li", { class: line.speaker }, at, el("b", {}, WHO[line.speaker]), text);
}
