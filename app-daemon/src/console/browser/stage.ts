import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The repository; this runs as build/console-browser/*.mjs. */
const HOME = new URL("../../", import.meta.url).pathname;

/** The packaged daemon with its own runner, among the servers of the demo. */
export class Stage {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    /** `http://127.0.0.1:8080` */
    readonly url: string,
    private readonly audiosocket: string,
  ) {}

  static async start(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "console-"));
    const python = join(HOME, "python-runner/.venv/bin/python");
    const process = spawn(python, [join(HOME, "dev/demo/stage.py"), folder], { stdio: ["pipe", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: process.stdout }).once("line", resolve);
      process.once("error", reject);
      process.once("exit", () => reject(new Error("the stage ended; make build and make setup have to have run")));
    });
    const ready = JSON.parse(line) as { event: string; http: string; audiosocket: string[] };
    if (ready.event !== "ready") {
      process.stdin?.end();
      throw new Error(`the daemon did not start:\n${readFileSync(join(folder, "daemon.log"), "utf8").slice(-4000)}`);
    }
    return new Stage(process, folder, `http://${ready.http}`, ready.audiosocket[0] ?? "");
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.stdin?.end();
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Registers a call; its id. */
  async register(agent: string): Promise<string> {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ agent });
    const answer = await fetch(`${this.url}/v1/pipecatcalls`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`no call was registered: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  }

  /** What the API answers. */
  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}/${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** The caller of the demo takes a registered call; resolves when it is over. */
  async converse(call: string): Promise<void> {
    const script = join(HOME, "dev/demo/call.yaml");
    const flags = ["--server", this.audiosocket, "--uuid", call, "--script", script, "--seconds", "120", "--json"];
    const caller = spawn(join(HOME, "bin/pipecat-manager"), ["simulate", ...flags], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await new Promise((resolve) => caller.once("exit", resolve));
  }
}
