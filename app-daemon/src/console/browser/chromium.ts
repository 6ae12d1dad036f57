import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const CANDIDATES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = new URL("../../docs/console/", import.meta.url);

/** A browser whose microphone hears a file, or beeps. */
export async function launch(microphone?: string): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path && existsSync(path));
  if (!executablePath) {
    throw new Error("there is no Chromium: dev/services install, or apt-get install chromium, or name one in CHROMIUM");
  }
  return chromium.launch({
    executablePath,
    args: [
      // Tests run as root in containers, where Chromium's sandbox does not start; they open nothing but our own page.
      "--no-sandbox",
      "--disable-gpu",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
    ],
  });
}

/** A tab whose complaints are kept: errors of scripts, and what the content security policy refused. */
export async function tab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1180, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A refusal that the page expects (no recording, not live here) is written there by the browser itself.
    if (message.type() === "error" && !/status of 40[14]/.test(message.text())) complaints.push(message.text());
  });
  return { context, page, complaints };
}

export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
}

/** What the accessibility scan finds at the levels A and AA of WCAG 2.2. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated by the test's own protocol, which the page's policy does not bind.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Found = { id: string; nodes: { html: string; failureSummary: string }[] };
    const { axe } = globalThis as unknown as { axe: { run(o: object): Promise<{ violations: Found[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run({ runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  });
}

/** Writes a picture for the docs, where that was asked for (dev/console.sh browser --screenshots). */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env.CONSOLE_SCREENSHOTS) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: new URL(`${name}.png`, SCREENSHOTS).pathname });
  }
}
