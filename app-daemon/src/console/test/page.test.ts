import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { SseParser } from "../src/sse.ts";

describe("the parser of server-sent events", () => {
  const text = ': events\n\nid: 1\nevent: a\ndata: {"x":1}\n\n:\n\nid: 2\r\nevent: b\r\ndata: one\r\ndata: two\r\n\r\n';

  it("reads them whole", () => {
    assert.deepEqual(new SseParser().push(text), [
      { id: "1", event: "a", data: '{"x":1}' },
      { id: "2", event: "b", data: "one\ntwo" },
    ]);
  });

  it("reads them cut anywhere", () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new SseParser();
      assert.equal(parser.push(text.slice(0, cut)).length + parser.push(text.slice(cut)).length, 2, `cut at ${cut}`);
    }
    const parser = new SseParser();
    const one = [...text].flatMap((letter) => parser.push(letter));
    assert.equal(one[1]?.data, "one\ntwo");
  });
});

describe("a field of a server-sent event", () => {
  it("loses one blank after its colon and no more", () => {
    assert.equal(new SseParser().push("data:  two \ndata:none\n\n")[0]?.data, " two \nnone");
  });
});

describe("the sources", () => {
  const root = "src";
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|html)$/.test(name));

  it("insert text as text only", () => {
    assert.ok(files.length > 15);
    for (const file of files) {
      const source = readFileSync(`${root}/${file}`, "utf8");
      assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/, file);
    }
  });

  it("have nothing inline, as the policy wants", () => {
    const page = readFileSync(`${root}/index.html`, "utf8");
    assert.doesNotMatch(page, /<style|style=|\son[a-z]+=|<script(?![^>]* src=)|https?:/);
  });
});
