/** One server-sent event. */
export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Takes server-sent events out of a stream of text that arrives in pieces of any size.
 *
 * `EventSource` cannot send the header `Authorization`, so the page reads the stream itself.
 */
export class SseParser {
  private rest = "";
  private id = "";
  private event = "";
  private data: string[] = [];

  /** The events that this piece completes. */
  push(piece: string): SentEvent[] {
    const events: SentEvent[] = [];
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.data.length > 0) {
          events.push({ id: this.id, event: this.event || "message", data: this.data.join("\n") });
        }
        this.event = "";
        this.data = [];
      } else {
        this.field(line);
      }
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) {
      return;
    }
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") {
      this.data.push(value);
    } else if (name === "event") {
      this.event = value;
    } else if (name === "id") {
      this.id = value;
    }
  }
}
