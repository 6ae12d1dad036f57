import { SseParser } from "./sse.ts";
import type { Agent, CallEvent, CallPage, CallRecord, Levels, SpokenMessage, Turn } from "./types.ts";

/** Under this name the token is kept until the tab is closed. */
const TOKEN = "pipecat-manager.token";
/** How long a lost stream of events waits before it is opened again. */
const RETRY_MS = 1000;

/** An answer that is not 2xx; the message is the daemon's own. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The daemon's HTTP API. Paths are relative to the page, so that a proxy may put both under a prefix. */
export class Api {
  /** Asks for the token; resolves with what was typed. One question at a time, however many requests need it. */
  constructor(private readonly askToken: (problem: string) => Promise<string>) {}

  private asking: Promise<void> | null = null;
  private skewMs = 0;

  /** The daemon's time, in milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.skewMs;
  }

  /** Learns how far this machine's clock is from the daemon's. */
  async synchronize(): Promise<string> {
    const before = Date.now();
    const ping = await this.json<{ timestamp: string; host_id: string }>("v1/ping");
    const at = Date.parse(ping.timestamp);
    this.skewMs = Number.isNaN(at) ? 0 : at - (before + Date.now()) / 2;
    return ping.host_id;
  }

  calls(query: Readonly<Record<string, string>>): Promise<CallPage> {
    return this.json(`v1/pipecatcalls?${new URLSearchParams(query)}`);
  }

  call(id: string): Promise<CallRecord> {
    return this.json(`v1/pipecatcalls/${id}`);
  }

  async messages(id: string): Promise<readonly SpokenMessage[]> {
    return (await this.json<{ result: SpokenMessage[] }>(`v1/pipecatcalls/${id}/messages`)).result;
  }

  async turns(id: string): Promise<readonly Turn[]> {
    return (await this.json<{ result: Turn[] }>(`v1/pipecatcalls/${id}/turns`)).result;
  }

  async agents(): Promise<readonly Agent[]> {
    return (await this.json<{ result: Agent[] }>("v1/agents")).result;
  }

  stop(id: string): Promise<CallRecord> {
    return this.json(`v1/pipecatcalls/${id}/stop`, {});
  }

  start(agent: string): Promise<CallRecord> {
    return this.json("v1/pipecatcalls", { agent });
  }

  /** The answer to a GET that is no JSON; null for 404. */
  async file(path: string, signal: AbortSignal): Promise<Response | null> {
    const response = await this.send(path, { signal });
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    return this.accepted(response);
  }

  /** Follows the events of a call until it is over or `signal` says stop; a stream that breaks is resumed. */
  async events(id: string, signal: AbortSignal, take: (event: CallEvent) => void): Promise<void> {
    let last = "";
    let over = false;
    while (!over && !signal.aborted) {
      try {
        const headers = last === "" ? {} : { "Last-Event-ID": last };
        const response = await this.accepted(await this.send(`v1/pipecatcalls/${id}/events`, { headers, signal }));
        await read(response, (sent) => {
          last = sent.id || last;
          const event = JSON.parse(sent.data) as CallEvent;
          over ||= event.type === "pipecatcall_terminated";
          take(event);
        });
        // A call that ended long ago has a stream that ends in order, perhaps without a single event.
        over ||= (await this.call(id)).status === "ended";
      } catch (problem) {
        if (signal.aborted || problem instanceof Refused) {
          if (!signal.aborted) throw problem;
          return;
        }
      }
      if (!over) await delay(RETRY_MS, signal);
    }
  }

  /** Follows the levels of a live call; returns when it has ended or is live on another daemon. */
  async levels(id: string, signal: AbortSignal, take: (levels: Levels) => void): Promise<void> {
    try {
      const response = await this.send(`v1/pipecatcalls/${id}/levels`, { signal });
      if (response.ok) {
        await read(response, (sent) => take(JSON.parse(sent.data) as Levels));
      }
    } catch (problem) {
      if (!signal.aborted) console.warn("the levels of the call cannot be followed", problem);
    }
  }

  /** Opens the audio of a registered call. */
  audio(id: string, rate: number): WebSocket {
    const address = new URL(`../v1/pipecatcalls/${id}/audio?rate=${rate}`, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    address.hash = "";
    const token = storedToken();
    return new WebSocket(
      address,
      token === "" ? ["pipecat.audio.v1"] : ["pipecat.audio.v1", `bearer.${base64url(token)}`],
    );
  }

  /** Whether requests carry a token, so that a plain link would not do. */
  get hasToken(): boolean {
    return storedToken() !== "";
  }

  private async json<T>(path: string, body?: object): Promise<T> {
    const response = await this.accepted(
      await this.send(path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    );
    return (await response.json()) as T;
  }

  /** Sends; where the daemon wants a token, asks for it and sends again. */
  private async send(path: string, init: RequestInit): Promise<Response> {
    for (;;) {
      const used = storedToken();
      const headers = new Headers(init.headers);
      if (used !== "") headers.set("Authorization", `Bearer ${used}`);
      if (init.method === "POST") headers.set("Content-Type", "application/json");
      const response = await fetch(new URL(`../${path}`, document.baseURI), { ...init, headers, cache: "no-store" });
      if (response.status !== 401) {
        return response;
      }
      await response.body?.cancel();
      if (storedToken() === used) {
        this.asking ??= this.newToken(used).finally(() => {
          this.asking = null;
        });
        await this.asking;
      }
    }
  }

  private async newToken(refused: string): Promise<void> {
    sessionStorage.removeItem(TOKEN);
    sessionStorage.setItem(TOKEN, await this.askToken(refused === "" ? "" : "The daemon does not take this token."));
  }

  private async accepted(response: Response): Promise<Response> {
    if (response.ok) {
      return response;
    }
    const body = (await response.json().catch(() => ({}))) as { reason?: string; message?: string };
    throw new Refused(response.status, body.reason ?? "", body.message ?? `the daemon answered ${response.status}`);
  }
}

function storedToken(): string {
  return sessionStorage.getItem(TOKEN) ?? "";
}

function base64url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function read(response: Response, take: (sent: { id: string; data: string }) => void): Promise<void> {
  const parser = new SseParser();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    for (const sent of parser.push(next.value)) {
      take(sent);
    }
  }
}

/** Waits; no longer than until `signal` says stop. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
