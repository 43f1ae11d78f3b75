/** The notes of clients, in the database. */
import type { DatabaseSync } from "node:sqlite";

/** What a client writes. */
export interface NoteText {
  /** One line. */
  readonly title: string;
  /** As many as it takes. */
  readonly text: string;
}

/** A note as it is kept. */
export interface Note extends NoteText {
  /** Its number; a later note has a higher one. */
  readonly id: number;
}

/** Keeps notes. Each client sees its own. */
export class Notes {
  readonly #database: DatabaseSync;

  /** @param database Where they are. */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** At most `limit` notes of a client, those after the number `after`. */
  list(client: string, { after, limit }: { after: number; limit: number }): Note[] {
    return this.#database.prepare(
      "SELECT id, title, text FROM notes WHERE client = ? AND id > ? ORDER BY id LIMIT ?",
    ).all(client, after, limit).map(toNote);
  }

  /** A note; `null` if the client has none of that number. */
  get(client: string, id: number): Note | null {
    const row = this.#database.prepare(
      "SELECT id, title, text FROM notes WHERE client = ? AND id = ?",
    ).get(client, id);
    return row === undefined ? null : toNote(row);
  }

  /** Writes another note. */
  add(client: string, { title, text }: NoteText): Note {
    const { lastInsertRowid } = this.#database.prepare(
      "INSERT INTO notes (client, title, text) VALUES (?, ?, ?)",
    ).run(client, title, text);
    return { id: Number(lastInsertRowid), title, text };
  }

  /** Writes a note anew; `null` if the client has none of that number. */
  replace(client: string, { id, title, text }: Note): Note | null {
    const { changes } = this.#database.prepare(
      "UPDATE notes SET title = ?, text = ? WHERE client = ? AND id = ?",
    ).run(title, text, client, id);
    return changes === 0 ? null : { id, title, text };
  }

  /** Takes a note away, and tells whether there was one. */
  remove(client: string, id: number): boolean {
    return this.#database.prepare("DELETE FROM notes WHERE client = ? AND id = ?")
      .run(client, id).changes !== 0;
  }
}

function toNote({ id, title, text }: Record<string, unknown>): Note {
  return { id: Number(id), title: String(title), text: String(text) };
}
