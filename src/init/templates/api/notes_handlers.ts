/** `/notes` and `/notes/1`. */
import { HTTPError } from "@gustnado/gustnado";
import * as v from "valibot";
import { ApiHandler } from "./api_handler.ts";
import type { Note } from "./notes.ts";

const NOTE = v.strictObject({
  title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  text: v.optional(v.pipe(v.string(), v.maxLength(10_000)), ""),
});

const PAGE = v.object({
  after: v.optional(v.pipe(v.string(), v.digits(), v.transform(Number)), "0"),
  limit: v.optional(
    v.pipe(v.string(), v.digits(), v.transform(Number), v.minValue(1), v.maxValue(100)),
    "20",
  ),
});

/** All notes of a client. */
export class NotesHandler extends ApiHandler {
  /** `?after=` the number of the last note that the client has, and `?limit=`. */
  override async get(): Promise<void> {
    const page = await this.validate(PAGE, "query");
    this.write({ notes: this.application.notes.list(this.client, page) });
  }

  /** Writes another one: 201. */
  override async post(): Promise<void> {
    const note = this.application.notes.add(this.client, await this.validate(NOTE));
    this.setStatus(201);
    this.setHeader("Location", this.reverseUrl("note", String(note.id)));
    this.write({ ...note });
  }
}

/** One note. */
export class NoteHandler extends ApiHandler {
  override get(id: string): void {
    this.#answer(id, this.application.notes.get(this.client, Number(id)));
  }

  /** Writes it anew. */
  override async put(id: string): Promise<void> {
    const note = { id: Number(id), ...await this.validate(NOTE) };
    this.#answer(id, this.application.notes.replace(this.client, note));
  }

  /** Takes it away: 204. */
  override delete(id: string): void {
    if (!this.application.notes.remove(this.client, Number(id))) throw notFound(id);
    this.setStatus(204);
  }

  #answer(id: string, note: Note | null): void {
    if (note === null) throw notFound(id);
    this.write({ ...note });
  }
}

function notFound(id: string): HTTPError {
  return new HTTPError(404, { reason: `There is no note ${id}` });
}
