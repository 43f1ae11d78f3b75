/** The notes of users, in the database. */
import type { DatabaseSync } from "node:sqlite";

/** A note. */
export interface Note {
  /** Its number; a later note has a higher one. */
  readonly id: number;
  /** What it says. */
  readonly text: string;
}

/** The longest note that is taken, in characters. */
export const LONGEST_NOTE = 2_000;

/** Keeps notes. Each user sees their own. */
export class Notes {
  readonly #database: DatabaseSync;

  /** @param database Where they are. */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The last 100 notes of a user, the latest first. */
  list(author: string): Note[] {
    return this.#database.prepare(
      "SELECT id, text FROM notes WHERE author = ? ORDER BY id DESC LIMIT 100",
    ).all(author).map(({ id, text }) => ({
      id: Number(id),
      text: String(text),
    }));
  }

  /** Keeps another note. */
  add(author: string, text: string): void {
    this.#database.prepare("INSERT INTO notes (author, text) VALUES (?, ?)")
      .run(author, text);
  }

  /** Takes a note of the user away, and tells whether there was one. */
  remove(author: string, id: number): boolean {
    return this.#database.prepare(
      "DELETE FROM notes WHERE author = ? AND id = ?",
    )
      .run(author, id).changes !== 0;
  }
}
