import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import type { CallRecord, SpokenMessage } from "../src/types.ts";
import { accessibilityProblems, launch, screenshot, tab } from "./chromium.ts";
import { Stage } from "./stage.ts";
import { until } from "./until.ts";

/** What a conversation of the demo takes at most, on a busy machine. */
const CONVERSATION_MS = 150_000;

/** The page in a real Chromium, before the packaged daemon, with calls that are really held. */
describe("the console of a daemon", { timeout: 400_000 }, () => {
  let browser: Browser;
  let stage: Stage;

  before(async () => {
    browser = await launch();
    stage = await Stage.start();
  });
  after(async () => {
    await browser?.close();
    await stage?.stop();
  });

  it("shows a conversation as it is held, and afterwards", async () => {
    const { context, page, complaints } = await tab(browser, { viewport: { width: 1180, height: 1080 } });
    page.setDefaultTimeout(CONVERSATION_MS);
    // Without the slash, as people type it.
    await page.goto(`${stage.url}/console`);
    await page.getByText("No call is running.").waitFor();
    const id = await stage.register("reception");
    const call = stage.converse(id);
    const row = page.getByRole("link", { name: /^reception, call/ });
    await row.waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    await screenshot(page, "calls");
    await row.click();

    const log = page.getByRole("log");
    await log.getByText(/Example Bank/).waitFor();
    const caller = page.getByRole("meter", { name: "level of the caller" });
    await until(
      async () => Number(await caller.getAttribute("aria-valuenow")) > -50,
      "the caller is seen to speak",
      60,
    );
    await log.getByText(/forty two dollars/i).waitFor();
    await page.getByRole("img", { name: /1 tool calls/ }).waitFor();
    await log.getByText(/cut off/).waitFor();
    await page.getByRole("row", { name: /interrupted, silent after/ }).waitFor();
    await screenshot(page, "live");
    assert.deepEqual(await accessibilityProblems(page), []);

    await call;
    await page.getByText("bot ended", { exact: true }).waitFor();
    const said = (await stage.get<{ result: SpokenMessage[] }>(`v1/pipecatcalls/${id}/messages`)).result;
    await until(async () => (await log.getByRole("listitem").count()) === said.length, "the record is shown");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByLabel("Zoom of the time line").selectOption("whole call");
    await screenshot(page, "past-dark");
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, "phone");
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it("calls the bot from the browser, hears the echo, and plays the recording", async () => {
    const { context, page, complaints } = await tab(browser);
    await page.goto(`${stage.url}/console/#/phone`);
    await page.getByLabel("Agent").selectOption("echo");
    await page.getByRole("button", { name: "Call", exact: true }).click();
    const bar = page.getByRole("complementary", { name: "Your call" });
    await bar.getByText("talking", { exact: true }).waitFor();
    // Chromium's fake microphone beeps once a second; what is heard went through daemon, bridge and runner.
    const heard = bar.getByRole("meter", { name: "level of the bot" });
    await until(async () => Number(await heard.getAttribute("aria-valuenow")) > -40, "the echo is heard");
    const watched = page.getByRole("main").getByRole("meter", { name: "level of the bot" });
    await until(async () => Number(await watched.getAttribute("aria-valuenow")) > -40, "the daemon's meter shows it");
    await bar.getByRole("button", { name: "Keypad" }).click();
    await bar.getByRole("button", { name: "5", exact: true }).click();
    await page.getByRole("img", { name: /keys 5/ }).waitFor();
    await screenshot(page, "browser-call");
    await bar.getByRole("button", { name: "Hang up" }).click();
    await page.getByText("caller hung up", { exact: true }).waitFor();
    const id = page.url().slice(-36);
    const record = await stage.get<CallRecord>(`v1/pipecatcalls/${id}`);
    assert.equal(record.end_reason, "caller_hung_up");
    const player = page.locator("audio");
    await player.waitFor();
    await until(() => player.evaluate((audio: HTMLAudioElement) => audio.duration > 0.3), "the recording is loaded");
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
