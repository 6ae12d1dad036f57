import type { Api } from "../api.ts";
import { Phone } from "../audio/phone.ts";
import { duration } from "../model/words.ts";
import { button, el, title, write } from "./dom.ts";
import { Meter } from "./meters.ts";
import { explain, type View } from "./view.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
/** How often meters and clock of the own call move on, in milliseconds. */
const MOVE_MS = 100;

/** Chooses an agent and calls it. */
export const callTheBot: View = (root, page, signal) => {
  const name = el("select", { id: "agent", required: true });
  const typed = el("input", { id: "agent", required: true, autocomplete: "off", placeholder: "name in agents.yaml" });
  const problem = el("p", { role: "alert", class: "bad" });
  const go = el("button", { type: "submit", class: "primary" }, "Call");
  const label = el("label", { for: "agent" }, "Agent");
  const form = el("form", { class: "dial" }, label, name, go);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(problem, "");
    go.disabled = true;
    const agent = form.contains(name) ? name.value : typed.value.trim();
    page
      .dial(agent)
      .catch((refused) => write(problem, explain(refused)))
      .finally(() => {
        go.disabled = false;
      });
  });
  root.append(
    title("Call the bot"),
    el(
      "p",
      { class: "note" },
      "Talks to an agent through this computer's microphone and loudspeaker, at 16 kHz. Headphones keep the bot from hearing itself.",
    ),
    form,
    problem,
  );
  page
    .agents()
    .then((agents) => {
      if (signal.aborted) return;
      for (const agent of agents) {
        const recorded = agent.recording && agent.recording !== "off" ? ", recorded" : "";
        const option = el("option", { value: agent.name }, `${agent.name}${recorded}`);
        option.selected = agent.default === true;
        name.append(option);
      }
      if (agents.length === 0) name.replaceWith(typed);
    })
    .catch((refused) => {
      // On a platform the agents are somebody else's; a daemon without a catalogue still takes a name.
      name.replaceWith(typed);
      write(problem, explain(refused));
    });
};

/** The own call, at the foot of every view for as long as it lasts. */
export class PhoneBar {
  private phone: Phone | null = null;
  private readonly mute = button("Mute", () => this.phone?.mute(!this.phone.muted), { "aria-pressed": "false" });
  private readonly keysButton: HTMLButtonElement;
  private readonly hangUp = button("Hang up", () => this.leave(), { class: "danger" });
  private readonly who = el("a", { href: "#/phone" });
  private readonly state = el("span", { role: "status" });
  private readonly clock = el("span", { class: "number" });
  private readonly line = el("small", { class: "note" });
  private readonly you = new Meter("you", "caller");
  private readonly bot = new Meter("bot", "bot");
  private readonly keypad = el("div", { class: "keypad", role: "group", "aria-label": "Keypad", id: "keypad" });
  private began = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly api: Api,
  ) {
    this.keysButton = button("Keypad", () => this.toggleKeys(), {
      "aria-expanded": "false",
      "aria-controls": "keypad",
    });
    this.keypad.hidden = true;
    this.keypad.append(...KEYS.map((key) => button(key, () => this.phone?.press(key))));
    root.append(
      el("div", { class: "who" }, this.who, this.state, this.clock),
      el("div", { class: "both" }, this.you.element, this.bot.element),
      el("div", { class: "buttons" }, this.mute, this.keysButton, this.hangUp),
      this.keypad,
      this.line,
    );
    // Digits are keys of the phone wherever the focus is, but not while something is typed.
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && KEYS.includes(event.key)) {
        this.phone?.press(event.key);
      }
    });
    addEventListener("pagehide", () => this.phone?.hangUp());
  }

  /** Calls an agent; a call that is still up is hung up. Resolves with the call's id. */
  async dial(agent: string): Promise<string> {
    if (this.phone && this.phone.state !== "over") this.phone.hangUp();
    const phone = new Phone(this.api, () => this.show());
    this.phone = phone;
    this.began = Date.now();
    this.root.hidden = false;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.move(), MOVE_MS);
    await phone.dial(agent);
    this.began = Date.now();
    return phone.callId;
  }

  /** Where somebody who calls wants to be. */
  focus(): void {
    this.mute.focus();
  }

  private leave(): void {
    if (this.phone?.state === "over") {
      this.root.hidden = true;
      this.phone = null;
    } else {
      this.phone?.hangUp();
    }
  }

  private toggleKeys(): void {
    this.keypad.hidden = !this.keypad.hidden;
    this.keysButton.setAttribute("aria-expanded", String(!this.keypad.hidden));
  }

  private show(): void {
    const phone = this.phone;
    if (!phone) return;
    const over = phone.state === "over";
    write(this.who, phone.agent);
    this.who.href = phone.callId === "" ? "#/phone" : `#/calls/${phone.callId}`;
    write(this.state, over ? phone.end : phone.state === "talking" ? (phone.muted ? "muted" : "talking") : "calling…");
    this.mute.setAttribute("aria-pressed", String(phone.muted));
    this.mute.disabled = this.keysButton.disabled = over;
    write(this.hangUp, over ? "Close" : "Hang up");
    if (over) {
      clearInterval(this.timer);
      this.keypad.hidden = true;
      this.keysButton.setAttribute("aria-expanded", "false");
      this.move();
    }
  }

  private move(): void {
    const phone = this.phone;
    if (!phone) return;
    write(this.clock, duration(Date.now() - this.began));
    this.you.show(phone.muted ? -96 : phone.spokenDbfs);
    this.bot.show(phone.heardDbfs);
    const { waitingMs, underruns, droppedMs } = phone.report;
    const troubles = [
      underruns > 0 && `ran dry ${underruns} times`,
      droppedMs >= 1 && `${Math.round(droppedMs)} ms dropped`,
      phone.unsent > 0 && `${phone.unsent} frames not sent`,
    ].filter(Boolean);
    write(this.line, [`${Math.round(waitingMs)} ms in this browser`, ...troubles].join(", "));
  }
}
