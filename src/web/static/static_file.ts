/** A file that is served, as it was when it was last looked at. */
import { formatHttpDate } from "../../http/fields/http_date.ts";
import type { FileStat } from "../../platform/platform.ts";
import type { Chunk } from "../../http/body/chunk.ts";
import type { ContentCoding } from "./precompressed.ts";

/**
 * Milliseconds that must lie between the last change of a file and reading it. Within them, a second
 * change may leave the times as they are: file systems keep whole seconds, or two.
 */
const SETTLING_TIME = 2_000;

/** Milliseconds for which a file that has settled is not looked at again. */
const LOOK_INTERVAL = 100;

/** What {@linkcode StaticFile} is made from. */
export interface StaticFileParts {
  /** Where it was looked for. */
  readonly path: string;
  /** What it was when it was read. */
  readonly stat: FileStat;
  /** Whether it stands outside the root, once symbolic links are resolved. */
  readonly outside: boolean;
  /** The whole content of a small file. */
  readonly content: Chunk | null;
  /** When it was read, in milliseconds since the epoch. */
  readonly readAt: number;
}

/** See the module's summary. It is replaced when the file changes. */
export class StaticFile {
  readonly path: string;
  readonly stat: FileStat;
  readonly outside: boolean;
  readonly content: Chunk | null;
  /** When the file was modified, in whole seconds as in HTTP; `null` where unknown. */
  readonly modified: Date | null;
  /** The versions that handler classes gave it. */
  readonly versions: Map<unknown, string | null> = new Map();
  /** Its media type by its name, once it was asked for. */
  mediaType: string | null = null;
  /** The codings in which it stands beside itself, and when that was looked up. */
  codings: { readonly found: readonly ContentCoding[]; readonly at: number } | null = null;
  /** Whether it was used since it was last considered for removal from the cache. */
  used = false;

  readonly #settled: boolean;
  #lookedAt: number;
  #lastModified: string | null = null;

  constructor({ path, stat, outside, content, readAt }: StaticFileParts) {
    this.path = path;
    this.stat = stat;
    this.outside = outside;
    this.content = content;
    this.modified = stat.mtime === null ? null : new Date(Math.floor(stat.mtime / 1000) * 1000);
    this.#lookedAt = readAt;
    const changedAt = stat.ctime ?? stat.mtime;
    this.#settled = changedAt !== null && readAt - changedAt >= SETTLING_TIME;
  }

  /**
   * Whether the file was looked at a moment ago. Looking costs more than all else that is done for a
   * file in memory.
   *
   * @param now Milliseconds since the epoch.
   */
  isFresh(now: number): boolean {
    // The clock may be set back.
    return this.#settled && Math.abs(now - this.#lookedAt) < LOOK_INTERVAL;
  }

  /** Whether the file is certainly still what it was; if so, that holds for a moment from `now`. */
  isStill(stat: FileStat, now: number): boolean {
    const then = this.stat;
    const same = this.#settled && then.mtime === stat.mtime && then.size === stat.size &&
      then.ino === stat.ino && then.ctime === stat.ctime;
    if (same) this.#lookedAt = now;
    return same;
  }

  /** The file itself, marked as used. */
  use(): this {
    this.used = true;
    return this;
  }

  /** The value of `Last-Modified`; empty where it is unknown. */
  get lastModified(): string {
    return this.#lastModified ??= this.modified === null ? "" : formatHttpDate(this.modified);
  }

  /** Bytes of memory that it takes, about: a character of a string may take two. */
  get weight(): number {
    const { content } = this;
    const bytes = typeof content === "string" ? 2 * content.length : content?.length ?? 0;
    return bytes + OVERHEAD;
  }
}

const OVERHEAD = 1024;
