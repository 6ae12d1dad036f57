import type { Api } from "../api.ts";
import type { Agent } from "../types.ts";

/** What a view may use. */
export interface Page {
  readonly api: Api;
  /** Calls an agent from this browser. */
  dial(agent: string): Promise<void>;
  /** Says what went wrong, or with nothing, that it is over. */
  trouble(text: string): void;
  /** The agents, in the order of the file; empty where the daemon does not tell. */
  agents(): Promise<readonly Agent[]>;
}

/** Fills `root`, and keeps it up to date until `signal` says stop. */
export type View = (root: HTMLElement, page: Page, signal: AbortSignal) => void;

/** Does something now and every `ms` after, only while the page can be seen, and tells of what goes wrong. */
export function repeat(page: Page, signal: AbortSignal, ms: number, work: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  const turn = async (): Promise<void> => {
    if (signal.aborted || document.hidden || busy) {
      return;
    }
    clearTimeout(timer);
    busy = true;
    try {
      await work();
      if (!signal.aborted) page.trouble("");
    } catch (problem) {
      if (!signal.aborted) page.trouble(explain(problem));
    }
    busy = false;
    if (!signal.aborted) timer = setTimeout(turn, ms);
  };
  document.addEventListener("visibilitychange", turn, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  void turn();
}

/** What went wrong, in a sentence for people. */
export function explain(problem: unknown): string {
  if (problem instanceof TypeError) {
    return "The daemon cannot be reached. The page goes on trying.";
  }
  return problem instanceof Error ? problem.message : String(problem);
}
