// How things are said on the page.

/** `1:02:03`, `2:03`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `+0:03.4` after the beginning. */
export function offset(milliseconds: number): string {
  const tenths = Math.max(0, Math.floor(milliseconds / 100));
  return `+${duration(tenths * 100)}.${tenths % 10}`;
}

/** `2026-01-02 03:04:05` in the reader's time zone. */
export function moment(milliseconds: number): string {
  const at = new Date(milliseconds - new Date(milliseconds).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 19).replace("T", " ");
}

/** The quietest level a meter shows, in dBFS. */
const FLOOR_DBFS = -60;

/** How far a meter goes out, 0 to 1. */
export function meterPart(dbfs: number): number {
  return Number.isFinite(dbfs) ? Math.min(1, Math.max(0, 1 - dbfs / FLOOR_DBFS)) : 0;
}

/** `-23 dB`, or `silent`. */
export function level(dbfs: number): string {
  return dbfs <= FLOOR_DBFS || !Number.isFinite(dbfs) ? "silent" : `${Math.round(dbfs)} dB`;
}

/** `runner_lost` as `runner lost`. */
export function spoken(wireName: string): string {
  return wireName.replaceAll("_", " ");
}

/** The first part of a UUID, enough to tell calls apart by eye. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
