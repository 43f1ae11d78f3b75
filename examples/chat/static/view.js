/** What the page shows. What people type is only ever set as text, never as markup. */

/** Milliseconds in which messages of one person stand together under one name. */
const GROUPING = 5 * 60_000;
/** Entries that the page shows before it drops the oldest. */
const MAX_SHOWN = 500;
/** Milliseconds that somebody is said to type. */
const TYPING_TIME = 5_000;

export const byId = (id) => document.getElementById(id);

/** The list of what happened. What is not sent yet is at its end. */
export class Log {
  #scroller = byId("scroller");
  #entries = byId("entries");
  #newer = byId("newer");
  #seen = new Set();
  /** Own messages that did not come back yet, by their keys. */
  #pending = new Map();
  #last = null;
  #frame = 0;
  #follows = true;

  constructor() {
    this.#newer.addEventListener("click", () => this.scrollToEnd());
    this.#scroller.addEventListener("scroll", () => {
      if (this.#atEnd) this.#newer.hidden = true;
    }, { passive: true });
  }

  /** Shows a message that has come, once. */
  add(entry, own) {
    if (this.#seen.has(entry.key)) return;
    this.#remember(entry.key);
    const pending = own ? this.#pending.get(entry.key) : undefined;
    if (pending !== undefined) this.#confirm(pending, entry);
    const item = pending ?? messageItem(entry, own);
    item.classList.toggle("continued", continues(entry, this.#last));
    this.#insert(item, own);
    this.#last = entry;
  }

  /** Shows an own message that was not sent yet. */
  addPending(entry) {
    const item = messageItem(entry, true);
    const isFirst = this.#pending.size === 0;
    item.classList.toggle("continued", !isFirst || continues(entry, this.#last));
    item.classList.add("pending");
    item.append(create("p", "state", "Not sent yet"));
    this.#pending.set(entry.key, item);
    this.#keepPlace(true);
    this.#entries.append(item);
    byId("empty").hidden = true;
  }

  /** The server has an own message, which is on its way back. */
  accept(key) {
    const item = this.#pending.get(key);
    item?.classList.remove("pending");
    item?.querySelector(".state")?.remove();
  }

  /** The server does not want an own message. */
  reject(key) {
    this.#pending.get(key)?.remove();
    this.#pending.delete(key);
  }

  /** Shows a line between the messages. */
  note(kind, ...content) {
    const item = create("li", `notice ${kind}`);
    item.append(...content);
    this.#insert(item, false);
    this.#last = null;
  }

  scrollToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#newer.hidden = true;
  }

  get #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  /** Keeps the latest: what comes again comes soon. */
  #remember(key) {
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (this.#seen.size > 2 * MAX_SHOWN) this.#seen.delete(oldest);
  }

  /** What was right at once is not touched: it would be read out again. */
  #confirm(item, { key, time, text }) {
    this.accept(key);
    this.#pending.delete(key);
    const shown = item.querySelector(".text");
    if (shown.textContent !== text) shown.replaceChildren(...withLinks(text));
    const now = clock(time);
    const before = item.querySelector("time");
    if (before.textContent !== now.textContent) before.replaceWith(now);
  }

  /** Above what is pending. What is in its place stays there. */
  #insert(item, own) {
    this.#keepPlace(own);
    byId("empty").hidden = true;
    const [next = null] = this.#pending.values();
    if (item.parentNode === null || item.nextSibling !== next) {
      this.#entries.insertBefore(item, next);
    }
    const { childElementCount, firstElementChild: first } = this.#entries;
    if (childElementCount > MAX_SHOWN && first !== next) first.remove();
  }

  /** Who reads the end, or wrote, sees the end after what is added now. */
  #keepPlace(own) {
    if (this.#frame === 0) {
      this.#follows = this.#atEnd;
      this.#frame = requestAnimationFrame(() => this.#scroll());
    }
    this.#follows ||= own;
  }

  #scroll() {
    this.#frame = 0;
    if (this.#follows) this.scrollToEnd();
    else this.#newer.hidden = false;
  }
}

function continues({ person, time }, last) {
  return last?.person.id === person.id && Date.parse(time) - Date.parse(last.time) < GROUPING;
}

function messageItem({ person, time, text }, own) {
  const item = create("li", "message");
  item.classList.toggle("own", own);
  const head = create("p", "head");
  head.append(
    create("span", "name", person.name),
    create("span", "address", person.address),
    clock(time),
  );
  const said = create("p", "text");
  said.append(...withLinks(text));
  item.append(avatar(person), head, said);
  return item;
}

/** Who is in the room. Pages of one name and address are one person: nobody could tell them apart. */
export class People {
  #people = null;

  /**
   * Shows them.
   *
   * @param members Of the subscription: what is told of each, by id.
   * @returns Who came and who left since the last time; nobody at the first.
   */
  show(members) {
    const sorted = [...members.values()].sort((a, b) => a.name.localeCompare(b.name));
    const people = new Map(sorted.map((person) => [keyOf(person), person]));
    const before = this.#people ?? people;
    this.#people = people;
    byId("count").textContent = people.size;
    byId("people").replaceChildren(...[...people.values()].map(personItem));
    return {
      joined: [...people].filter(([key]) => !before.has(key)).map(([, person]) => person),
      left: [...before].filter(([key]) => !people.has(key)).map(([, person]) => person),
    };
  }
}

function keyOf({ name, address }) {
  return `${name}\n${address}`;
}

function personItem(person) {
  const item = create("li");
  item.append(
    avatar(person),
    create("span", "name", person.name),
    create("span", "address", person.address),
  );
  return item;
}

/** Who is writing. */
export class Typing {
  #typists = new Map();

  /** Somebody types. */
  note({ id, name }) {
    clearTimeout(this.#typists.get(id)?.timer);
    const timer = setTimeout(() => this.end(id), TYPING_TIME);
    this.#typists.set(id, { name, timer });
    this.#show();
  }

  /** Somebody has said it, or has given it up. */
  end(id) {
    clearTimeout(this.#typists.get(id)?.timer);
    if (this.#typists.delete(id)) this.#show();
  }

  #show() {
    const names = [...this.#typists.values()].map(({ name }) => name);
    byId("typing").textContent = sentence(names);
  }
}

function sentence(names) {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return "Several people are typing…";
}

/** Makes an element with a text. */
export function create(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Makes a time of day. */
export function clock(time) {
  const date = new Date(time);
  const element = create("time");
  element.dateTime = date.toISOString();
  element.textContent = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  element.title = date.toLocaleString();
  return element;
}

/** Web addresses, without the punctuation after them, but with parentheses that are in pairs. */
const ADDRESSES =
  /\b((?:https?:\/\/|www\.)(?:[^\s<>"()]|\([^\s<>"()]*\))*(?:[^\s<>"().,:;!?'\]}]|\([^\s<>"()]*\)))/i;

/** A text in parts: every second one is a link. */
function withLinks(text) {
  return text.split(ADDRESSES).map((part, index) => index % 2 === 1 ? link(part) : part);
}

function link(address) {
  const href = /^www\./i.test(address) ? `https://${address}` : address;
  if (!URL.canParse(href)) return address;
  const element = create("a", "", address);
  element.href = href;
  element.rel = "noopener nofollow";
  element.target = "_blank";
  return element;
}

/** The first letter of a name, in a colour of its own. */
function avatar({ name }) {
  const element = create("span", "avatar", [...name][0].toUpperCase());
  element.setAttribute("aria-hidden", "true");
  element.style.setProperty("--hue", hue(name));
  return element;
}

/** Multiples of the golden angle lie far apart, also for names that are alike. */
function hue(name) {
  const hash = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 10_007, 7);
  return Math.round(hash * 137.508) % 360;
}
