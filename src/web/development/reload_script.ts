/** What keeps a page fresh in development. */

/** Where the script and its events are; nothing of an application can be there with `debug`. */
export const RELOAD_PREFIX = "/.gustnado/";

/** The names below it. */
export const SCRIPT_NAME = "reload.js";
/** See {@linkcode SCRIPT_NAME}. */
export const EVENTS_NAME = "reload";

/**
 * Loads the page again when the version of the application is no longer its own, and exchanges style
 * sheets without that. While the page is hidden it is not connected, since a browser opens six
 * connections at most to an HTTP/1.1 server. It never loads again twice for one version: a cache
 * between may give it an old page.
 */
export const RELOAD_SCRIPT: string = `"use strict";
(() => {
  const script = document.currentScript;
  const events = new URL("${EVENTS_NAME}", script.src);
  const key = "gustnado.reload";
  let version = script.dataset.version;
  let source, timer;

  function connect() {
    disconnect();
    source = new EventSource(events);
    source.onmessage = ({ data }) => take(JSON.parse(data));
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, 300);
    };
  }

  function disconnect() {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  function take(change) {
    if (change.version === version) return;
    if (change.styles && exchange(change.styles)) return void (version = change.version);
    if (remembered() === change.version) return;
    remember(change.version);
    location.reload();
  }

  function exchange(paths) {
    const links = [...document.querySelectorAll('link[rel~="stylesheet"]')];
    const found = paths.map((path) => links.find((link) => isOf(link, path)));
    if (found.includes(undefined)) return false;
    for (const link of found) replace(link);
    return true;
  }

  function isOf(link, path) {
    const { pathname, origin } = new URL(link.href);
    return origin === location.origin && decodeURI(pathname) === path;
  }

  function replace(link) {
    const next = link.cloneNode();
    const url = new URL(link.href);
    url.searchParams.set("reload", Date.now());
    next.href = url.href;
    next.onload = next.onerror = () => link.remove();
    link.after(next);
  }

  function remembered() {
    try { return sessionStorage.getItem(key); } catch { return null; }
  }

  function remember(value) {
    try { sessionStorage.setItem(key, value); } catch { /* A sandbox has no storage. */ }
  }

  const update = () => document.hidden ? disconnect() : connect();
  document.addEventListener("visibilitychange", update);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", ({ persisted }) => persisted && update());
  update();
})();
`;
