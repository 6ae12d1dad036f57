import { Api } from "./api.ts";
import { CallView } from "./view/call.ts";
import { callsNow, pastCalls } from "./view/calls.ts";
import { byId, title, write } from "./view/dom.ts";
import { callTheBot, PhoneBar } from "./view/phone.ts";
import { explain, type Page } from "./view/view.ts";

const api = new Api(askToken);
const bar = new PhoneBar(byId("phone"), api);
let leaving = new AbortController();

const page: Page = {
  api,
  async dial(agent) {
    const id = await bar.dial(agent);
    // After the view of the call, which takes the focus like every view.
    addEventListener("hashchange", () => bar.focus(), { once: true });
    location.hash = `#/calls/${id}`;
  },
  trouble(text) {
    const line = byId("trouble");
    line.hidden = text === "";
    write(line, text);
  },
  agents: () => api.agents(),
};

/** Shows what the address names. */
function route(): void {
  leaving.abort();
  leaving = new AbortController();
  page.trouble("");
  const root = byId("view");
  root.replaceChildren();
  const path = location.hash.replace(/^#/, "") || "/";
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.getAttribute("href") === `#${path}`;
    current ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  const id = path.match(/^\/calls\/([0-9a-f-]{36})$/)?.[1];
  if (id) {
    new CallView(root, page, id, leaving.signal);
  } else if (path === "/past") {
    pastCalls(root, page, leaving.signal);
  } else if (path === "/phone") {
    callTheBot(root, page, leaving.signal);
  } else if (path === "/") {
    callsNow(root, page, leaving.signal);
  } else {
    root.append(title("There is nothing here"));
  }
  const heading = root.querySelector("h1");
  document.title = `${heading?.textContent ?? ""} · console`;
  if (routed) heading?.focus();
  routed = true;
}

/** The first view leaves the focus at the top of the page. */
let routed = false;

function askToken(problem: string): Promise<string> {
  const dialog = byId<HTMLDialogElement>("token");
  const input = byId<HTMLInputElement>("token-text");
  write(byId("token-problem"), problem);
  input.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.querySelector("form")?.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        dialog.close();
        resolve(input.value.trim());
      },
      { once: true },
    );
  });
}

addEventListener("hashchange", route);
route();
api
  .synchronize()
  .then((host) => write(byId("host"), host))
  .catch((problem) => page.trouble(explain(problem)));
