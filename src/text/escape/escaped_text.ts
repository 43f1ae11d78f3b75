const SPECIAL = /[&<>"']/;

/** Text as HTML and its quoted attribute values write it; see `xhtmlEscape`. */
export function escapedText(text: string): string {
  const first = text.search(SPECIAL);
  return first === -1 ? text : escapeFrom(text, first);
}

function escapeFrom(text: string, first: number): string {
  let escaped = "";
  let done = 0;
  for (let at = first; at < text.length; at++) {
    const entity = entityOf(text.charCodeAt(at));
    if (entity === "") continue;
    escaped += text.slice(done, at) + entity;
    done = at + 1;
  }
  return escaped + text.slice(done);
}

function entityOf(code: number): string {
  switch (code) {
    case 0x22:
      return "&quot;";
    case 0x26:
      return "&amp;";
    case 0x27:
      return "&#x27;";
    case 0x3c:
      return "&lt;";
    case 0x3e:
      return "&gt;";
    default:
      return "";
  }
}
