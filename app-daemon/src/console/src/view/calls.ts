import { time } from "../model/call.ts";
import { duration, moment, shortId, spoken } from "../model/words.ts";
import type { CallRecord } from "../types.ts";
import { badge, button, el, title, write } from "./dom.ts";
import { type Page, repeat, type View } from "./view.ts";

/** How often the running calls are asked for, in milliseconds. */
const EVERY_MS = 2000;
const PAGE_SIZE = "50";
/** What is not over, in the order in which it is shown. */
const RUNNING = ["live", "starting", "ending"];

/** The calls that run now. */
export const callsNow: View = (root, page, signal) => {
  const count = el("p", { class: "note", role: "status" });
  const rows = new Rows(["Agent", "State", "Since", "For", "Host", "Call"], (record) => [
    agentLink(record),
    badge(record.status ?? "unknown", record.status ?? ""),
    el("span", { class: "number" }, since(record, page)),
    reference(record),
    record.host_id ?? "",
    el("code", { title: record.id }, shortId(record.id)),
  ]);
  root.append(title("Calls now"), count, rows.table);
  repeat(page, signal, EVERY_MS, async () => {
    const pages = await Promise.all(RUNNING.map((status) => page.api.calls({ status, page_size: PAGE_SIZE })));
    const records = pages.flatMap((one) => one.result);
    const more = pages.some((one) => one.next_page_token !== "");
    rows.show(records);
    write(count, records.length === 0 ? "No call is running." : calls(records.length, more));
  });
};

/** The calls that are over, newest first. */
export const pastCalls: View = (root, page, signal) => {
  const count = el("p", { class: "note", role: "status" });
  const rows = new Rows(["Agent", "Ended", "Began", "Lasted", "For", "Call"], (record) => [
    agentLink(record),
    badge(spoken(record.end_reason ?? "unknown"), ended(record)),
    moment(time(record.tm_create) ?? 0),
    el("span", { class: "number" }, lasted(record)),
    reference(record),
    el("code", { title: record.id }, shortId(record.id)),
  ]);
  const records: CallRecord[] = [];
  let next = "";
  const more = button("Older calls", () => void load().catch((problem) => page.trouble(String(problem))));
  const load = async (): Promise<void> => {
    const query = { status: "ended", page_size: PAGE_SIZE };
    const answer = await page.api.calls(next === "" ? query : { ...query, page_token: next });
    if (signal.aborted) return;
    next = answer.next_page_token;
    records.push(...answer.result);
    rows.show(records);
    more.hidden = next === "";
    write(count, records.length === 0 ? "No call has ended yet." : calls(records.length, next !== ""));
  };
  more.hidden = true;
  root.append(title("Past calls"), count, rows.table, more);
  load().catch((problem) => page.trouble(problem instanceof Error ? problem.message : String(problem)));
};

function calls(count: number, more: boolean): string {
  return `${more ? "more than " : ""}${count} ${count === 1 ? "call" : "calls"}`;
}

function agentLink(record: CallRecord): HTMLElement {
  const name = record.agent || record.llm_type || "unnamed";
  return el("a", { href: `#/calls/${record.id}`, "aria-label": `${name}, call ${shortId(record.id)}` }, name);
}

function reference(record: CallRecord): string {
  return record.reference_type ? `${spoken(record.reference_type)} ${shortId(record.reference_id ?? "")}` : "";
}

function since(record: CallRecord, page: Page): string {
  const created = time(record.tm_create);
  return created === null ? "" : duration(page.api.now() - created);
}

function lasted(record: CallRecord): string {
  const [from, to] = [time(record.tm_create), time(record.tm_end)];
  return from === null || to === null ? "" : duration(to - from);
}

/** Ends that nobody wanted. */
const BAD = /lost|timeout|failed|refused|overloaded|internal/;

function ended(record: CallRecord): string {
  return BAD.test(record.end_reason ?? "") ? "bad" : "ended";
}

/** A table of records. Rows stay the same elements while their call is in it, so that the focus stays where it is. */
class Rows {
  private readonly body = el("tbody");
  private readonly byId = new Map<string, HTMLTableCellElement[]>();
  readonly table: HTMLTableElement;

  constructor(
    private readonly titles: readonly string[],
    private readonly cells: (record: CallRecord) => (Node | string)[],
  ) {
    const head = titles.map((text) => el("th", { scope: "col" }, text));
    this.table = el("table", { class: "calls" }, el("thead", {}, el("tr", {}, ...head)), this.body);
    this.table.hidden = true;
  }

  show(records: readonly CallRecord[]): void {
    const gone = new Set(this.byId.keys());
    let place: Element | null = this.body.firstElementChild;
    for (const record of records) {
      gone.delete(record.id);
      const row = this.row(record);
      if (row === place) {
        place = place.nextElementSibling;
      } else {
        this.body.insertBefore(row, place);
      }
    }
    for (const id of gone) {
      this.byId.get(id)?.[0]?.parentElement?.remove();
      this.byId.delete(id);
    }
    this.table.hidden = records.length === 0;
  }

  private row(record: CallRecord): Element {
    const made = this.cells(record);
    let cells = this.byId.get(record.id);
    if (!cells) {
      cells = made.map((_, n) => el("td", { "data-title": this.titles[n] ?? "" }));
      this.byId.set(record.id, cells);
      el("tr", {}, ...cells);
    }
    cells.forEach((cell, n) => {
      const content = made[n] ?? "";
      const [before, after] = [
        cell.firstChild,
        typeof content === "string" ? document.createTextNode(content) : content,
      ];
      if (!before?.isEqualNode(after)) {
        cell.replaceChildren(after);
      }
    });
    return cells[0]?.parentElement as Element;
  }
}
