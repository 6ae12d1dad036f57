import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Agent, CallEvent, CallRecord, Levels, SpokenMessage, Turn } from "../src/types.ts";

/** The page as it was built. */
const PAGE = new URL("../console/", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};
/** The daemon's own, see ConsolePage.java. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self' blob:;" +
  " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A call of the stand-in; a test changes it and tells events. */
export class StandInCall {
  readonly events: CallEvent[] = [];
  readonly messages: SpokenMessage[] = [];
  readonly turns: Turn[] = [];
  recording: Buffer | null = null;
  complete = true;
  /** How often the recording was asked for. */
  looks = 0;
  stopped = false;
  private readonly followers = new Set<() => void>();
  private readonly meters = new Set<ServerResponse>();

  constructor(public record: CallRecord) {}

  /** Something happened, now or so many seconds after the call began. */
  tell(type: string, data: object = {}, seconds?: number): void {
    const at = seconds === undefined ? Date.now() : Date.parse(this.record.tm_create ?? "") + seconds * 1000;
    const tm_event = new Date(at).toISOString();
    this.events.push({ type, data: data as Record<string, unknown>, tm_event });
    for (const follower of this.followers) follower();
  }

  end(reason: string, at = new Date()): void {
    this.record = { ...this.record, status: "ended", end_reason: reason, tm_end: at.toISOString() };
    this.tell("pipecatcall_terminated", this.record);
    for (const meter of this.meters) meter.end();
  }

  sendRecording(response: ServerResponse): void {
    this.looks++;
    if (this.recording) {
      const headers = { "Content-Length": this.recording.length, "Recording-Complete": String(this.complete) };
      response.writeHead(200, { "Content-Type": "audio/wav", ...headers });
      response.end(this.recording);
    } else {
      json(response, 404, { reason: "RECORDING_NOT_FOUND", message: "there is no such thing" });
    }
  }

  level(levels: Partial<Levels>): void {
    const all = {
      at: new Date().toISOString(),
      caller_dbfs: -96,
      bot_dbfs: -96,
      playing: false,
      queued_ms: 0,
      cushion_ms: 0,
      underruns: 0,
      concealed_frames: 0,
      discarded_frames: 0,
      ...levels,
    };
    for (const meter of this.meters) meter.write(`event: levels\ndata: ${JSON.stringify(all)}\n\n`);
  }

  /** How many follow its levels. */
  get watchers(): number {
    return this.meters.size;
  }

  followEvents(response: ServerResponse, after: number): void {
    let sent = after;
    const write = (): void => {
      for (; sent < this.events.length; sent++) {
        const event = this.events[sent];
        response.write(`id: ${sent + 1}\nevent: ${event?.type}\ndata: ${JSON.stringify(event)}\n\n`);
      }
      if (this.record.status === "ended") response.end();
    };
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": events\n\n");
    this.followers.add(write);
    response.on("close", () => this.followers.delete(write));
    write();
  }

  followLevels(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(":\n\n");
    this.meters.add(response);
    response.on("close", () => this.meters.delete(response));
  }
}

/** Speaks the daemon's side of the console, without a daemon: every state of a call can be had at will. */
export class StandIn {
  readonly calls: StandInCall[] = [];
  agents: Agent[] | null = [];
  token = "";
  /** What came over the WebSocket of the last call. */
  readonly told: string[] = [];
  frames = 0;
  protocols = "";
  line: WebSocket | null = null;
  private readonly sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "pipecat.audio.v1" });
  private readonly server: Server = createServer((request, response) => this.answer(request, response));
  private count = 0;

  constructor() {
    this.server.on("upgrade", (request, socket, head) => {
      this.protocols = request.headers["sec-websocket-protocol"] ?? "";
      this.sockets.handleUpgrade(request, socket, head, (line) => this.talk(line, request.url ?? ""));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.sockets.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Adds a call, the newest. */
  call(rest: Partial<CallRecord> = {}): StandInCall {
    const id = `00000000-0000-4000-8000-${String(++this.count).padStart(12, "0")}`;
    const tm_create = new Date(Date.now() - 30_000).toISOString();
    const call = new StandInCall({ id, status: "live", agent: "reception", host_id: "local", tm_create, ...rest });
    call.tell("pipecatcall_created", call.record, 0);
    this.calls.unshift(call);
    return call;
  }

  private talk(line: WebSocket, url: string): void {
    this.line = line;
    const call = this.calls.find((one) => url.includes(one.record.id));
    line.on("message", (data, binary) => {
      if (binary) {
        this.frames++;
        line.send(data);
      } else {
        this.told.push(String(data));
        if (String(data).includes("hangup")) {
          call?.end("caller_hung_up");
        }
      }
    });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://stand-in");
    if (url.pathname.startsWith("/console/")) {
      this.file(url.pathname.slice("/console/".length) || "index.html", response);
    } else if (this.token !== "" && request.headers.authorization !== `Bearer ${this.token}`) {
      json(response, 401, { reason: "API_TOKEN_NEEDED", message: "the token is missing or wrong" });
    } else {
      this.api(request, url, response);
    }
  }

  private file(name: string, response: ServerResponse): void {
    const type = TYPES[name.split(".").pop() ?? ""];
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": POLICY });
    response.end(readFileSync(new URL(name, PAGE)));
  }

  private api(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const [, , collection, id, part] = url.pathname.split("/");
    const call = this.calls.find((one) => one.record.id === id);
    if (collection === "ping") {
      json(response, 200, { timestamp: new Date().toISOString(), host_id: "local" });
    } else if (collection === "agents" && this.agents) {
      json(response, 200, { result: this.agents });
    } else if (collection === "pipecatcalls" && request.method === "POST" && !id) {
      json(response, 200, this.call({ status: "starting", tm_create: new Date().toISOString() }).record);
    } else if (collection === "pipecatcalls" && !id) {
      const records = this.calls.map((one) => one.record);
      const result = records.filter((record) => record.status === url.searchParams.get("status"));
      json(response, 200, { result, next_page_token: "" });
    } else if (!call) {
      json(response, 404, { reason: "NO_ROUTE", message: "there is nothing at this path" });
    } else {
      this.ofCall(call, part, request, response);
    }
  }

  private ofCall(
    call: StandInCall,
    part: string | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const live = call.record.status !== "ended";
    if (part === undefined) {
      json(response, 200, call.record);
    } else if (part === "messages") {
      json(response, 200, { result: call.messages });
    } else if (part === "turns") {
      json(response, 200, { result: call.turns });
    } else if (part === "events") {
      call.followEvents(response, Number(request.headers["last-event-id"] ?? 0));
    } else if (part === "levels" && live) {
      call.followLevels(response);
    } else if (part === "stop") {
      call.stopped = true;
      call.end("requested");
      json(response, 200, call.record);
    } else if (part === "recording") {
      call.sendRecording(response);
    } else {
      json(response, 404, { reason: "NOT_FOUND", message: "there is no such thing" });
    }
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
