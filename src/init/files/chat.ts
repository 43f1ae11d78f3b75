/** The files of a chat. */
import readmeMd from "../templates/chat/README.md" with { type: "text" };
import chatApplication from "../templates/chat/chat_application.ts" with { type: "text" };
import chatTopics from "../templates/chat/chat_topics.ts" with { type: "text" };
import denoJson from "../templates/chat/deno.json" with { type: "text" };
import main from "../templates/chat/main.ts" with { type: "text" };
import pages from "../templates/chat/pages.ts" with { type: "text" };
import staticChatCss from "../templates/chat/static/chat.css" with { type: "text" };
import staticChatJs from "../templates/chat/static/chat.js" with { type: "text" };
import staticIconSvg from "../templates/chat/static/icon.svg" with { type: "text" };
import templatesRoomHtml from "../templates/chat/templates/room.html" with { type: "text" };
import testsPagesTest from "../templates/chat/tests/pages_test.ts" with { type: "text" };
import testsRoomsTest from "../templates/chat/tests/rooms_test.ts" with { type: "text" };
import testsPerson from "../templates/chat/tests/person.ts" with { type: "text" };

/** Their texts, by their paths in the project. */
export const CHAT_FILES: Readonly<Record<string, string>> = {
  "README.md": readmeMd,
  "chat_application.ts": chatApplication,
  "chat_topics.ts": chatTopics,
  "deno.json": denoJson,
  "main.ts": main,
  "pages.ts": pages,
  "static/chat.css": staticChatCss,
  "static/chat.js": staticChatJs,
  "static/icon.svg": staticIconSvg,
  "templates/room.html": templatesRoomHtml,
  "tests/pages_test.ts": testsPagesTest,
  "tests/rooms_test.ts": testsRoomsTest,
  "tests/person.ts": testsPerson,
};
