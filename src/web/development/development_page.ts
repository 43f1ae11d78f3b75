/** The look of pages that are shown in development only. */
import { xhtmlEscape } from "../../text/escape/xhtml.ts";
import type { Html } from "../../text/html.ts";

/** What a page is made of. */
export interface PageContent {
  /** What stands in the tab of the browser, and above the page. */
  readonly title: string;
  /** What comes below it. */
  readonly body: Html;
  /** What is said at the end. */
  readonly note: string;
  /** What a policy asks of styles, or `""`. */
  readonly nonce?: string;
}

/** A page that needs no other file. Where a policy forbids its style, the browser's own remains. */
export function developmentPage({ title, body, note, nonce = "" }: PageContent): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${xhtmlEscape(title)}</title>
<style${nonce && ` nonce="${xhtmlEscape(nonce)}"`}>${STYLE}</style>
</head>
<body><main><h1>${xhtmlEscape(title)}</h1>${body}
<p class="note">${xhtmlEscape(note)}</p></main></body></html>`;
}

const STYLE = `
:root { --ground: light-dark(#eef2f7, #0d131c); --surface: light-dark(#fff, #151d29);
  --raised: light-dark(#f5f7fb, #1d2735); --line: light-dark(#dbe2ec, #2a3646);
  --text: light-dark(#16202e, #e6ecf4); --muted: light-dark(#566477, #9aa9bc);
  --bad: light-dark(#b3261e, #ff8f86); --marked: light-dark(#fde7e5, #43242a) }
* { box-sizing: border-box }
body { background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; margin: 0 }
main { margin: 0 auto; max-width: 70rem; padding: clamp(1rem, 4vw, 2.5rem) }
h1 { font-size: 1.5rem; font-weight: 600; line-height: 1.25; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1.125rem; font-weight: 600; margin: 2rem 0 .5rem }
p { margin: .5rem 0; overflow-wrap: anywhere }
.message { color: var(--bad); font-size: 1.125rem; white-space: pre-wrap }
.note, .place { color: var(--muted); font-size: .875rem }
.note { margin-top: 2rem }
.place { overflow-wrap: anywhere }
code, pre, td, .place { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace }
code, td { font-size: .875rem }
pre, table, details { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem }
pre { font-size: .875rem; line-height: 1.6; margin: .5rem 0; overflow-x: auto; padding: .75rem 0 }
pre > span { display: block; min-width: max-content; padding: 0 1rem }
pre i { color: var(--muted); font-style: normal; user-select: none }
pre > .marked { background: var(--marked); box-shadow: inset .25rem 0 var(--bad); font-weight: 600 }
pre > .marked i { color: var(--text) }
pre.text { padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: separate; border-spacing: 0; table-layout: fixed; width: 100% }
th, td { overflow-wrap: anywhere; padding: .375rem 1rem; text-align: left; vertical-align: top }
th { font-size: .875rem; font-weight: 600; width: 35% }
tr + tr > *, thead + tbody > tr > * { border-top: 1px solid var(--line) }
details { margin: .5rem 0; padding: .5rem 1rem }
details > table { border: 0; margin: .25rem -1rem 0; width: calc(100% + 2rem) }
summary { cursor: pointer; font-weight: 600 }
summary:focus-visible, pre:focus-visible { outline: 3px solid light-dark(#1f5fd6, #4a86f2); outline-offset: 2px }
`;
