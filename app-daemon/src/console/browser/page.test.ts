import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { accessibilityProblems, launch, type Tab, tab } from "./chromium.ts";
import { StandIn, type StandInCall } from "./standin.ts";
import { until } from "./until.ts";

/** The page in a real Chromium, before a stand-in for the daemon: every state it can show. */
describe("the console", { timeout: 400_000 }, () => {
  let browser: Browser;
  let daemon: StandIn;
  let url: string;
  let open: Tab;
  let page: Page;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    daemon = new StandIn();
    url = await daemon.start();
    open = await tab(browser);
    page = open.page;
  });
  afterEach(async () => {
    await open.context.close();
    daemon.stop();
    assert.deepEqual(open.complaints, []);
  });

  const show = (path: string): Promise<unknown> => page.goto(`${url}/console/#${path}`);
  const watch = (call: StandInCall): Promise<unknown> => show(`/calls/${call.record.id}`);

  it("lists the calls now, and follows them", async () => {
    await show("/");
    await page.getByText("No call is running.").waitFor();
    const call = daemon.call({ agent: "assistant" });
    await page.getByRole("link", { name: /assistant, call/ }).waitFor();
    assert.match((await page.getByRole("row").nth(1).textContent()) ?? "", /live0:3\d/);
    call.end("bot_ended");
    await page.getByText("No call is running.").waitFor();
  });

  it("shows a live call: transcript, interim words, what was cut off, tools, keys, levels", async () => {
    const call = daemon.call();
    call.tell("pipecatcall_initialized", call.record, 1);
    call.tell("message_bot_heard", { text: "Hello, how can I help?" }, 4);
    await watch(call);
    const log = page.getByRole("log");
    await log.getByText("Hello, how can I help?").waitFor();

    call.tell("user_started_speaking");
    await page.getByText("caller: speaking…").waitFor();
    call.tell("user_stopped_speaking");
    await page.getByText("caller: being recognised…").waitFor();
    call.tell("message_user_transcription", { text: "What is my balance?" });
    await log.getByText("What is my balance?").waitFor();
    call.tell("tool_call_started", { tool_call_id: "t", name: "get_balance" });
    call.tell("tool_call_finished", { tool_call_id: "t", name: "get_balance", succeeded: true, took_ms: 80 });
    call.tell("message_bot_llm", { id: "g", text: "You have twelve euros and more to come." });
    await page.getByText("bot: You have twelve euros and more to come.").waitFor();
    assert.equal(await log.getByText("twelve").count(), 0, "what was not heard is no line yet");
    call.tell("bot_started_speaking");
    call.tell("bot_interrupted", { heard_ms: 900, dropped_ms: 400 });
    call.tell("message_bot_heard", { text: "You have twelve", estimated: true });
    await log.getByText("You have twelve").waitFor();
    assert.equal(await log.locator("s").textContent(), "euros and more to come.");
    await log.getByText("cut off, the rest unheard").waitFor();
    call.tell("dtmf_received", { key: "5" });

    const line = page.getByRole("img", { name: /1 interruptions, 1 tool calls, keys 5/ });
    await line.waitFor();
    assert.equal(await line.locator(".span.tool").count(), 1);
    assert.equal(await line.locator(".mark.interruption").count(), 1);

    await until(() => call.watchers === 1, "the page follows the levels");
    call.level({ caller_dbfs: -96, bot_dbfs: -30, queued_ms: 240, underruns: 2 });
    const bot = page.getByRole("meter", { name: "level of the bot" });
    await until(async () => (await bot.getAttribute("aria-valuenow")) === "-30", "the meter moves");
    await page.getByText("playout ran dry: the bot's audio came too late (2 so far)").waitFor();
  });

  it("shows where the time of each turn went", async () => {
    const call = daemon.call();
    call.turns.push(
      { number: 1, kind: "greeting", tm_caller_stopped: call.record.tm_create, first_frame_ms: 30 },
      {
        number: 2,
        kind: "answer",
        tm_caller_stopped: call.record.tm_create,
        end_of_turn_ms: 300,
        transcript_ms: 420,
        first_token_ms: 900,
        first_speech_ms: 1100,
        first_frame_ms: 1120,
        llm_ttfb_ms: 470,
      },
    );
    call.tell("bot_started_speaking");
    await watch(call);
    const row = page.getByRole("row", { name: /answer/ });
    await row.waitFor();
    assert.match((await row.textContent()) ?? "", /2answer300120480200201120runner: model 470/);
    const model = await row.locator(".bar .model").evaluate((part) => part.style.width);
    assert.equal(model, "32%");
  });

  it("warns of providers that fail and of a lost runner", async () => {
    const call = daemon.call();
    await watch(call);
    call.tell("error_reported", { source: "runner", part: "llm", provider: "openai", kind: "timeout", fatal: false });
    call.tell("runner_lost", { attempt: 1, reason: "link_lost" });
    const warnings = page.getByRole("list", { name: "Warnings" });
    await warnings.getByText("llm openai timeout").waitFor();
    await warnings.getByText("runner lost (link_lost), try 1").waitFor();
    await page.locator(".span.runner.open").waitFor();
    call.tell("runner_replaced", { attempt: 1, took_ms: 900 });
    await warnings.getByText("runner replaced after 900 ms").waitFor();
  });

  it("inserts what was said as text, whatever it is", async () => {
    const call = daemon.call({ agent: "<b>agent</b>" });
    const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    call.tell("message_user_transcription", { text: hostile });
    call.tell("message_bot_llm", { id: "g", text: hostile });
    call.tell("tool_call_started", { tool_call_id: "t", name: hostile });
    call.tell("error_reported", { source: hostile, message: hostile, fatal: true });
    await watch(call);
    await page.getByRole("log").getByText(hostile).waitFor();
    assert.equal(await page.locator("main img, main script, main b b").count(), 0);
    assert.equal(await page.title(), "<b>agent</b> · console");
  });

  it("shows a past call whose events are kept no more, from its record, with its recording", async () => {
    const call = daemon.call({ status: "ended", end_reason: "caller_hung_up", tm_end: new Date().toISOString() });
    call.events.length = 0;
    call.recording = wav();
    const tm_said = new Date(Date.now() - 20_000).toISOString();
    const rest = { estimated: false, tm_said };
    call.messages.push({ position: 1, speaker: "bot", text: "Good day", interrupted: true, ...rest });
    call.messages.push({ position: 2, speaker: "message", text: "a gold member", interrupted: false, ...rest });
    await show("/past");
    await page.getByRole("link", { name: /reception, call/ }).click();
    await page.getByRole("log").getByText("Good day").waitFor();
    await page.getByText("cut off", { exact: true }).waitFor();
    await page.getByText("text in").waitFor();
    const player = page.locator("audio");
    await player.waitFor();
    await until(() => player.evaluate((audio: HTMLAudioElement) => audio.duration === 1), "the recording is loaded");
    assert.equal(await page.getByRole("button", { name: "End the call" }).count(), 0);
    assert.deepEqual(await accessibilityProblems(page), []);
  });

  it("offers the recording of a call that has just ended once it is complete", async () => {
    const call = daemon.call();
    await watch(call);
    // Far enough for the slowest machine: the page asks for some seconds from then on.
    call.end("caller_hung_up", new Date(Date.now() + 60_000));
    await until(() => call.looks > 1, "a recording that is not begun yet is asked for again");
    call.complete = false;
    call.recording = wav();
    const looks = call.looks;
    await until(() => call.looks > looks + 1, "one that grows is asked for again");
    assert.equal(await page.locator("audio").count(), 0);
    call.complete = true;
    await page.locator("audio").waitFor();
  });

  it("ends a call", async () => {
    const call = daemon.call();
    await watch(call);
    await page.getByRole("button", { name: "End the call" }).click();
    await page.getByText("requested", { exact: true }).waitFor();
    assert.equal(call.stopped, true);
  });

  it("asks for the token once, keeps it for the tab, and says when it is wrong", async () => {
    daemon.token = "s3cret/+=";
    const call = daemon.call({ status: "ended", end_reason: "requested", tm_end: new Date().toISOString() });
    call.recording = wav();
    await show("/");
    const input = page.getByLabel("API_TOKEN");
    await input.fill("wrong");
    await input.press("Enter");
    await page.getByText("The daemon does not take this token.").waitFor();
    await input.fill(daemon.token);
    await input.press("Enter");
    await page.getByText("No call is running.").waitFor();
    await page.reload();
    await page.getByText("No call is running.").waitFor();
    await watch(call);
    const player = page.locator("audio");
    await player.waitFor();
    await until(() => player.evaluate((audio: HTMLAudioElement) => audio.src.startsWith("blob:")), "a blob plays");
  });

  it("calls an agent with the keyboard alone, hears itself, and hangs up", async () => {
    daemon.token = "s3cret/+=";
    daemon.agents = [
      { name: "reception", recording: "stereo" },
      { name: "echo", default: true, recording: "off" },
    ];
    await page.addInitScript((token) => sessionStorage.setItem("pipecat-manager.token", token), daemon.token);
    await show("/phone");
    const agent = page.getByLabel("Agent");
    await page.getByRole("option", { name: "reception, recorded" }).waitFor({ state: "attached" });
    assert.equal(await agent.inputValue(), "echo");
    await agent.focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("talking", { exact: true }).waitFor();
    assert.equal(daemon.protocols, "pipecat.audio.v1, bearer.czNjcmV0Lys9");
    // Chromium's fake microphone beeps once a second, and the stand-in is an echo.
    const bar = page.getByRole("complementary", { name: "Your call" });
    for (const who of ["you", "bot"]) {
      const meter = bar.getByRole("meter", { name: `level of the ${who}` });
      await until(async () => Number(await meter.getAttribute("aria-valuenow")) > -40, `${who} can be heard`);
    }
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Mute");
    await page.keyboard.press("Enter");
    await page.getByText("muted", { exact: true }).waitFor();
    await page.keyboard.press("7");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await bar.getByRole("button", { name: "#", exact: true }).click();
    await until(() => daemon.told.length === 2, "the keys arrive");
    assert.deepEqual(
      daemon.told.map((text) => JSON.parse(text)),
      [
        { type: "dtmf", digit: "7" },
        { type: "dtmf", digit: "#" },
      ],
    );
    assert.deepEqual(await accessibilityProblems(page), []);
    await bar.getByRole("button", { name: "Hang up" }).click();
    await bar.getByText("You hung up.").waitFor();
    await until(() => daemon.told.at(-1) === '{"type":"hangup"}', "the hangup arrives");
    assert.equal(await bar.getByRole("button", { name: "Mute" }).isDisabled(), true);
    await bar.getByRole("button", { name: "Close" }).click();
    assert.equal(await bar.isHidden(), true);
  });

  it("says why the bot ended the call, and takes a name where the daemon has no catalogue", async () => {
    daemon.agents = null;
    await show("/phone");
    await page.getByRole("textbox", { name: "Agent" }).fill("reception");
    await page.keyboard.press("Enter");
    await page.getByText("talking", { exact: true }).waitFor();
    daemon.line?.send(JSON.stringify({ type: "end", reason: "bot_ended" }));
    daemon.line?.close(1000);
    await page.getByText("The call is over: bot ended.").waitFor();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [380, 1180]) {
      it(`is accessible and fits ${width} pixels, ${colorScheme}`, async () => {
        await open.context.close();
        open = await tab(browser, { colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" });
        page = open.page;
        const call = daemon.call();
        daemon.agents = [{ name: "echo", default: true }];
        busy(call);
        for (const path of ["/", "/past", "/phone", `/calls/${call.record.id}`]) {
          await show(path);
          await page.locator("h1").waitFor();
          if (path.includes("calls")) {
            await page.getByRole("row", { name: /answer/ }).waitFor();
            await page.getByRole("log").getByText("What is my balance?").waitFor();
          }
          assert.deepEqual(await accessibilityProblems(page), [], path);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${path} is ${wide} pixels too wide`);
        }
      });
    }
  }

  it("moves the focus to the heading of the view, and has a way past the menu", async () => {
    await show("/");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content");
    await page.getByRole("link", { name: "Past calls" }).press("Enter");
    await page.getByRole("heading", { name: "Past calls" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Past calls");
    assert.equal(await page.getByRole("link", { name: "Past calls" }).getAttribute("aria-current"), "page");
  });

  it("says that the daemon is away, and goes on when it is back", async () => {
    await show("/");
    await page.getByText("No call is running.").waitFor();
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByRole("alert").getByText("cannot be reached").waitFor();
    await page.unroute("**/v1/**");
    await page.getByRole("alert").getByText("cannot be reached").waitFor({ state: "hidden" });
    open.complaints.splice(0);
  });
});

/** Everything that a call can have. */
function busy(call: StandInCall): void {
  call.tell("pipecatcall_initialized", call.record, 1);
  call.tell("bot_started_speaking", {}, 2);
  call.tell("message_bot_heard", { text: "Hello, how can I help?" }, 4);
  call.tell("user_started_speaking", {}, 6);
  call.tell("bot_interrupted", { heard_ms: 3000, dropped_ms: 200 }, 6);
  call.tell("message_bot_heard", { text: "I am", estimated: true }, 6.2);
  call.tell("user_stopped_speaking", {}, 8);
  call.tell("message_user_transcription", { text: "What is my balance?" }, 8.3);
  call.tell("tool_call_started", { tool_call_id: "t", name: "get_balance" }, 9);
  call.tell("dtmf_received", { key: "5" }, 12);
  call.tell("error_reported", { source: "runner", message: "slow", fatal: true }, 13);
  call.turns.push({
    number: 1,
    kind: "answer",
    tm_caller_stopped: call.record.tm_create,
    end_of_turn_ms: 300,
    transcript_ms: 420,
    first_token_ms: 900,
    first_frame_ms: 1120,
    stt_ms: 120,
  });
}

/** A second of stereo silence at 8 kHz. */
function wav(): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + 32_000, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(32_000, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(32_000, 40);
  return Buffer.concat([head, Buffer.alloc(32_000)]);
}
