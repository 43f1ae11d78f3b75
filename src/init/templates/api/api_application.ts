/** The routes of the API, and what they share. */
import type { DatabaseSync } from "node:sqlite";
import { Application, bearerAuth, securityHeaders } from "@gustnado/gustnado";
import { IndexHandler } from "./index_handler.ts";
import { NotFoundHandler } from "./api_handler.ts";
import { jsonErrors } from "./json_errors.ts";
import { NoteHandler, NotesHandler } from "./notes_handlers.ts";
import { Notes } from "./notes.ts";
import { Tokens } from "./tokens.ts";

/** The API. Every request needs a token: `Authorization: Bearer …`. */
export class ApiApplication extends Application {
  /** The notes of all clients. */
  readonly notes: Notes;
  /** Who may ask. */
  readonly tokens: Tokens;
  readonly #database: DatabaseSync;

  /**
   * @param database What it keeps; it is closed when the application has ended.
   * @param options `debug` shows exceptions to clients.
   */
  constructor(database: DatabaseSync, { debug = false }: { debug?: boolean } = {}) {
    const tokens = new Tokens(database);
    super([
      ["/", IndexHandler],
      ["/notes", NotesHandler],
      ["/notes/:id(\\d{1,15})", NoteHandler, {}, "note"],
    ], {
      debug,
      defaultHandlerClass: NotFoundHandler,
      middleware: [
        jsonErrors,
        securityHeaders(),
        bearerAuth({ verify: (token) => tokens.clientOf(token) }),
      ],
    });
    this.notes = new Notes(database);
    this.tokens = tokens;
    this.#database = database;
  }

  override onStart(): void {
    this.onShutdown(() => this.#database.close());
  }
}
