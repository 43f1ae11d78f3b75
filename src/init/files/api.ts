/** The files of a JSON API. */
import readmeMd from "../templates/api/README.md" with { type: "text" };
import apiApplication from "../templates/api/api_application.ts" with { type: "text" };
import apiHandler from "../templates/api/api_handler.ts" with { type: "text" };
import database from "../templates/api/database.ts" with { type: "text" };
import denoJson from "../templates/api/deno.json" with { type: "text" };
import indexHandler from "../templates/api/index_handler.ts" with { type: "text" };
import jsonErrors from "../templates/api/json_errors.ts" with { type: "text" };
import main from "../templates/api/main.ts" with { type: "text" };
import notes from "../templates/api/notes.ts" with { type: "text" };
import notesHandlers from "../templates/api/notes_handlers.ts" with { type: "text" };
import testsErrorsTest from "../templates/api/tests/errors_test.ts" with { type: "text" };
import testsNotesTest from "../templates/api/tests/notes_test.ts" with { type: "text" };
import testsTestApi from "../templates/api/tests/test_api.ts" with { type: "text" };
import token from "../templates/api/token.ts" with { type: "text" };
import tokens from "../templates/api/tokens.ts" with { type: "text" };

/** Their texts, by their paths in the project. */
export const API_FILES: Readonly<Record<string, string>> = {
  "README.md": readmeMd,
  "api_application.ts": apiApplication,
  "api_handler.ts": apiHandler,
  "database.ts": database,
  "deno.json": denoJson,
  "index_handler.ts": indexHandler,
  "json_errors.ts": jsonErrors,
  "main.ts": main,
  "notes.ts": notes,
  "notes_handlers.ts": notesHandlers,
  "tests/errors_test.ts": testsErrorsTest,
  "tests/notes_test.ts": testsNotesTest,
  "tests/test_api.ts": testsTestApi,
  "token.ts": token,
  "tokens.ts": tokens,
};
