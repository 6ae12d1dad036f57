/**
 * The bot's words that the caller has not heard yet: what the model has written of its answers, less what was heard.
 *
 * The voice may say it a little differently than it was written (markup is left out), so what was heard takes away as many
 * words as it has, from where its first word is found.
 */
export class Awaited {
  private generation = "";
  /** The answer under way, and how many of its words are gone. */
  private written = "";
  private gone = 0;
  /** What is left of answers before. */
  private older: string[] = [];

  /** The next piece of an answer under way. */
  piece(generation: string, text: string): void {
    this.enter(generation);
    this.written += text;
  }

  /** An answer is complete; pieces of it may have been lost on the way. */
  whole(generation: string, text: string): void {
    this.enter(generation);
    this.written = text;
  }

  /** The caller heard this. */
  heard(text: string): void {
    const heard = words(text);
    const left = this.left();
    const first = plain(heard[0] ?? "");
    const from = Math.max(
      0,
      left.findIndex((word) => plain(word) === first),
    );
    const count = Math.min(left.length, from + heard.length);
    const older = Math.min(count, this.older.length);
    this.older.splice(0, older);
    this.gone += count - older;
  }

  /** What is left. */
  get text(): string {
    return this.left().join(" ");
  }

  /** What is left, which is awaited no more. */
  take(): string {
    const left = this.text;
    this.forget();
    return left;
  }

  /** Nothing is awaited any more. */
  forget(): void {
    this.older = [];
    this.written = "";
    this.gone = 0;
    this.generation = "";
  }

  private enter(generation: string): void {
    if (generation !== this.generation) {
      this.older = this.left();
      this.written = "";
      this.gone = 0;
      this.generation = generation;
    }
  }

  private left(): string[] {
    return [...this.older, ...words(this.written).slice(this.gone)];
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
