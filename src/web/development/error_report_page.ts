/** A report as a page, for browsers. */
import type { Html } from "../../text/html.ts";
import { html } from "../../text/html_tag.ts";
import { developmentPage } from "./development_page.ts";
import type { ErrorReport, Row } from "./error_report.ts";
import type { FailedCall, Failure } from "./failure.ts";
import type { RouteLine } from "./route_list.ts";
import type { SourceExcerpt } from "./source_excerpt.ts";
import { shownPath } from "../../platform/stack_frame.ts";

const NOTE = 'This page is shown because the application runs with the setting "debug".';

/**
 * The page. Whatever a client sent, or an error says, is text in it.
 *
 * @param nonce What a policy asks of styles, or `""`.
 */
export function reportAsPage(report: ErrorReport, nonce: string): string {
  const { status, reason, logMessage, failures, request, route, routes, parts } = report;
  const body = html`
    <p><code>${request}</code></p>
    ${logMessage !== "" && html`<p class="message">${logMessage}</p>`}
    ${failures.map(failureSection)}
    ${routes.length > 0 && routesSection(routes)}
    ${route.length > 0 && html`<h2>Route</h2>${table(route, "The route that matched")}`}
    <h2>Request and settings</h2>
    ${parts.map(({ title, rows }) => folded(`${title} (${rows.length})`, table(rows, title)))}
  `;
  return developmentPage({ title: `${status}: ${reason}`, body, note: NOTE, nonce });
}

// ---- what was thrown

function failureSection(failure: Failure, index: number, all: readonly Failure[]): Html {
  const { name, message, calls, template, stack } = failure;
  const shown = calls.filter(hasSource);
  const [first, ...others] = shown;
  const isNew = index === 0 || placeOf(first) !== placeOf(all[index - 1]?.calls.find(hasSource));
  return html`<section><h2>${index > 0 && "Caused by "}${name}</h2>
<p class="message">${message}</p>
${template !== null && excerpt(`${template.name}:${template.source.marked}`, template.source)}
${isNew && first !== undefined && callExcerpt(first)}
${calls.length > 0 && callSection(stack, name, isNew ? others : [])}</section>`;
}

function callSection(stack: string, name: string, calls: readonly FailedCall[]): Html {
  return folded("Calls", html`${calls.map(callExcerpt)}${text(stack, `The stack of ${name}`)}`);
}

function placeOf(call: FailedCall | undefined): string {
  return call === undefined ? "" : `${call.file}:${call.line}`;
}

function hasSource(call: FailedCall): boolean {
  return call.source !== null;
}

function callExcerpt({ call, file, line, column, source }: FailedCall): Html {
  const place = `${shownPath(file)}:${line}:${column}`;
  return source === null ? html`` : excerpt(call === "" ? place : `${call} · ${place}`, source);
}

/** Lines of a file, the one that matters marked. A part that scrolls can be reached by keyboard. */
export function excerpt(place: string, { first, marked, lines }: SourceExcerpt): Html {
  const width = String(first + lines.length).length + "→ ".length;
  const rows = lines.map((line, index) => {
    const number = first + index;
    const margin = `${number === marked ? "→ " : ""}${number}`.padStart(width);
    const row = html`<i>${margin}</i>  ${line}\n`;
    return number === marked ? html`<span class="marked">${row}</span>` : html`<span>${row}</span>`;
  });
  return html`<p class="place">${place}</p>
<pre tabindex="0" role="region" aria-label="${`Source, ${place}`}">${rows}</pre>`;
}

/** Text as it is, with its line breaks. */
export function text(content: string, label: string): Html {
  return html`<pre class="text" tabindex="0" role="region" aria-label="${label}">${content}</pre>`;
}

// ---- tables

function routesSection(routes: readonly RouteLine[]): Html {
  const rows = routes.map(({ pattern, target, name }) =>
    html`
      <tr>
        <td>${pattern}</td>
        <td>${target}${name !== "" && html`
          <small>${name}</small>
        `}</td>
      </tr>
    `
  );
  return html`
    <h2>No route matches</h2>
    <p>These are the routes, the nearest first.</p>
    <table>
      <thead>
        <tr>
          <th scope="col">Pattern</th>
          <th scope="col">Leads to</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

function table(rows: readonly Row[], label: string): Html {
  const lines = rows.map(([name, value]) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
      </tr>
    `
  );
  return html`
    <table aria-label="${label}">
      <tbody>${lines}</tbody>
    </table>
  `;
}

function folded(summary: string, content: Html): Html {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}
