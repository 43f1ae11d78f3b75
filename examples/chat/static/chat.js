/** The page's side of the chat. What people type is only ever set as text, never as markup. */

const FIRST_DELAY = 500;
const LONGEST_DELAY = 10_000;
/** Milliseconds in which messages of one person stand together under one name. */
const GROUPING = 5 * 60_000;
/** Entries that the page shows before it drops the oldest. */
const MAX_SHOWN = 500;
const NAME_KEY = "gustnado-chat-name";

const byId = (id) => document.getElementById(id);
const elements = {
  welcome: byId("welcome"),
  join: byId("join"),
  name: byId("name"),
  nameError: byId("name-error"),
  room: byId("room"),
  status: byId("status"),
  peopleToggle: byId("people-toggle"),
  peoplePanel: byId("people-panel"),
  people: byId("people"),
  count: byId("count"),
  scroller: byId("scroller"),
  log: byId("log"),
  entries: byId("entries"),
  empty: byId("empty"),
  newer: byId("newer"),
  composer: byId("composer"),
  text: byId("text"),
  notice: byId("notice"),
};

/** A connection that comes back by itself, as often as it takes. */
class Connection {
  #socket = null;
  #attempts = 0;
  #timer = 0;
  #url;
  #on;

  constructor(url, on) {
    this.#url = url;
    this.#on = on;
    // Nobody should wait for a timer when the network is back, or the page is looked at again.
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    this.#on.state(this.#attempts === 0 ? "connecting" : "reconnecting");
    const socket = this.#socket = new WebSocket(this.#url);
    socket.addEventListener("open", () => this.#on.open());
    socket.addEventListener("message", ({ data }) => this.#on.message(JSON.parse(data)));
    socket.addEventListener("close", () => this.#retry());
  }

  /** Everything works: the next interruption begins with a short wait again. */
  settled() {
    this.#attempts = 0;
    this.#on.state("online");
  }

  send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  #retry() {
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempts++);
    this.#on.state("reconnecting");
    // Spread out, so that not everybody comes back in the same moment.
    this.#timer = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }

  #hurry() {
    if (this.#socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.#timer);
    this.connect();
  }
}

/** The list of what happened. */
class Log {
  #seen = new Set();
  #last = null;
  #me = "";

  enter(me, history) {
    this.#me = me.id;
    // Who comes back has most of it already.
    const missed = history.filter((entry) => !this.#seen.has(entry.id));
    elements.log.setAttribute("aria-busy", "true");
    missed.forEach((entry) => this.#append(entry));
    elements.log.removeAttribute("aria-busy");
    this.scrollToEnd();
  }

  add(entry) {
    if (this.#seen.has(entry.id)) return;
    const follow = this.atEnd || entry.person.id === this.#me;
    this.#append(entry);
    if (follow) this.scrollToEnd();
    else elements.newer.hidden = false;
  }

  get atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = elements.scroller;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  scrollToEnd() {
    elements.scroller.scrollTop = elements.scroller.scrollHeight;
    elements.newer.hidden = true;
  }

  #append(entry) {
    this.#seen.add(entry.id);
    elements.empty.hidden = true;
    elements.entries.append(entry.kind === "said" ? this.#message(entry) : notice(entry));
    this.#last = entry;
    if (elements.entries.childElementCount > MAX_SHOWN) elements.entries.firstElementChild.remove();
  }

  #message(entry) {
    const { person, time, text } = entry;
    const item = create("li", "message");
    item.classList.toggle("own", person.id === this.#me);
    item.classList.toggle("continued", this.#continues(entry));
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

  #continues({ person, time }) {
    const last = this.#last;
    return last?.kind === "said" && last.person.id === person.id &&
      Date.parse(time) - Date.parse(last.time) < GROUPING;
  }
}

/** Who is in the room. */
class People {
  #people = new Map();

  enter(people) {
    this.#people = new Map(people.map((person) => [person.id, person]));
    this.#show();
  }

  note({ kind, person }) {
    if (kind === "joined") this.#people.set(person.id, person);
    if (kind === "left") this.#people.delete(person.id);
    if (kind !== "said") this.#show();
  }

  #show() {
    elements.count.textContent = this.#people.size;
    elements.people.replaceChildren(...[...this.#people.values()].map((person) => {
      const item = create("li");
      item.append(
        avatar(person),
        create("span", "name", person.name),
        create("span", "address", person.address),
      );
      return item;
    }));
  }
}

function create(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
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

function notice({ kind, person, time }) {
  const item = create("li", "notice");
  item.append(create("span", "name", person.name), ` ${kind} `, clock(time));
  return item;
}

function clock(time) {
  const date = new Date(time);
  const element = create("time");
  element.dateTime = time;
  element.textContent = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  element.title = date.toLocaleString();
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

const STATES = {
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  online: "Connected",
};

const log = new Log();
const people = new People();
let name = "";

const socketUrl = new URL(document.body.dataset.socket, location.href);
socketUrl.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const connection = new Connection(socketUrl, {
  state(state) {
    elements.status.dataset.state = state;
    elements.status.textContent = STATES[state];
  },
  open() {
    connection.send({ type: "join", name });
  },
  message(message) {
    receive[message.type]?.(message);
  },
});

const receive = {
  welcome(message) {
    connection.settled();
    people.enter(message.people);
    log.enter(message.you, message.history);
  },
  entry({ entry }) {
    people.note(entry);
    log.add(entry);
  },
  refused({ reason, text }) {
    elements.notice.textContent = reason;
    if (elements.text.value !== "") return;
    elements.text.value = text;
    grow();
  },
};

// ---- coming in

elements.name.value = localStorage.getItem(NAME_KEY) ?? "";
elements.name.focus();
elements.name.select();

elements.join.addEventListener("submit", (event) => {
  event.preventDefault();
  name = elements.name.value.trim();
  const missing = name === "";
  elements.nameError.textContent = missing ? "Tell us what to call you." : "";
  elements.name.setAttribute("aria-invalid", missing);
  if (missing) return elements.name.focus();
  localStorage.setItem(NAME_KEY, name);
  elements.welcome.hidden = true;
  elements.room.hidden = false;
  elements.peopleToggle.hidden = false;
  connection.connect();
  elements.text.focus();
});

// ---- writing

elements.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = elements.text.value;
  elements.text.focus();
  if (text.trim() === "") return;
  if (!connection.open) {
    elements.notice.textContent = "Not connected. Your message waits here.";
    return;
  }
  connection.send({ type: "say", text });
  elements.notice.textContent = "";
  elements.text.value = "";
  grow();
});

elements.text.addEventListener("keydown", (event) => {
  // While an input method composes a word, Enter belongs to it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  elements.composer.requestSubmit();
});

elements.text.addEventListener("input", grow);

function grow() {
  elements.text.style.height = "auto";
  elements.text.style.height = `${elements.text.scrollHeight}px`;
}

// ---- reading

elements.newer.addEventListener("click", () => log.scrollToEnd());

elements.scroller.addEventListener("scroll", () => {
  if (log.atEnd) elements.newer.hidden = true;
}, { passive: true });

elements.peopleToggle.addEventListener("click", () => {
  showPeople(elements.peopleToggle.getAttribute("aria-expanded") !== "true");
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") showPeople(false);
});

function showPeople(shown) {
  elements.peopleToggle.setAttribute("aria-expanded", shown);
  elements.peoplePanel.classList.toggle("shown", shown);
}

// A keyboard that comes up on a phone takes half of the room.
visualViewport?.addEventListener("resize", () => {
  if (document.activeElement === elements.text) log.scrollToEnd();
});
