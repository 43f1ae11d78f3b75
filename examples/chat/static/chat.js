/** The page's side of the chat: what comes, what goes, and what outlives a reload. */

const NAME_KEY = "gustnado-chat-name";
const VISIT_KEY = "gustnado-chat-visit";
/** Messages of the past that a page begins with. */
const LAST = 200;
/** Milliseconds between two attempts to come back, at most. */
const LONGEST_DELAY = 5_000;
/** Milliseconds between two signs that somebody types. */
const TYPING_INTERVAL = 2_000;

// Their addresses have versions, so the page names them.
const load = (id) => import(document.getElementById(id).href);
const [{ TopicClient }, { byId, clock, create, Log, People, Typing }] = await Promise.all([
  load("topic-client"),
  load("view"),
]);

const elements = {
  welcome: byId("welcome"),
  join: byId("join"),
  name: byId("name"),
  nameError: byId("name-error"),
  room: byId("room"),
  status: byId("status"),
  peopleToggle: byId("people-toggle"),
  peoplePanel: byId("people-panel"),
  log: byId("log"),
  composer: byId("composer"),
  text: byId("text"),
  notice: byId("notice"),
};

/** What the tab remembers while it is open, through reloads. */
class Visit {
  #kept = JSON.parse(sessionStorage.getItem(VISIT_KEY) ?? "{}");
  /** Whom the server has called this tab. */
  ids = new Set(this.#kept.ids);
  /** Texts that have no answer, by their keys. */
  unsent = new Map();
  /** Where the page was in the room. */
  position = this.#kept.position ?? null;
  /** What was written and not sent. */
  draft = this.#kept.draft ?? "";
  /** What may have been sent: the last that is known of it is that it had no answer. */
  doubtful = new Map(this.#kept.unsent);

  keep() {
    const { ids, unsent, position } = this;
    const draft = elements.text.value;
    const kept = { ids: [...ids], unsent: [...unsent], position, draft };
    sessionStorage.setItem(VISIT_KEY, JSON.stringify(kept));
  }
}

const STATES = {
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  online: "Connected",
  closed: "Disconnected",
};

const visit = new Visit();
const log = new Log();
const people = new People();
const typing = new Typing();
let client = null;
let me = null;

// ---- the connection

function connect(name) {
  const url = new URL(document.body.dataset.socket, location.href);
  url.searchParams.set("name", name);
  me = { id: "", name, address: "" };
  client = new TopicClient(url, { maxDelay: LONGEST_DELAY });
  client.addEventListener("state", showState);
  client.addEventListener("close", ({ detail }) => {
    if (client.state === "closed") leave(detail.reason);
  });
  client.addEventListener("message", ({ data }) => {
    me = data.you;
    visit.ids.add(me.id);
    localStorage.setItem(NAME_KEY, name);
  });
  showState();
  followRoom();
  client.subscribe("typing").addEventListener("message", ({ data }) => {
    if (!visit.ids.has(data.id)) typing.note(data);
  });
}

function showState() {
  const waiting = me.id === "" ? "connecting" : "reconnecting";
  const state = { open: "online", closed: "closed" }[client.state] ?? waiting;
  elements.status.dataset.state = state;
  elements.status.textContent = STATES[state];
}

function followRoom() {
  const room = client.subscribe("room", { last: LAST, presence: true });
  room.addEventListener("message", ({ data }) => {
    markNew(room.position);
    receive(data);
  });
  room.addEventListener("subscribed", () => visit.position ??= room.position);
  room.addEventListener("subscribed", readNoHistory, { once: true });
  room.addEventListener("lost", () => {
    log.note("lost", "Messages may be missing here");
    // What is kept nevertheless.
    room.unsubscribe();
    followRoom();
  });
  room.addEventListener("members", () => {
    const { joined, left } = people.show(room.members);
    for (const person of joined) noteVisit(person, "joined");
    for (const person of left) noteVisit(person, "left");
  });
}

function receive(entry) {
  log.add(entry, visit.ids.has(entry.person.id));
  typing.end(entry.person.id);
  if (visit.doubtful.has(entry.key)) takeBack(entry.key);
}

function noteVisit({ name }, what) {
  log.note("visit", create("span", "name", name), ` ${what} `, clock(Date.now()));
}

// ---- what came before

/** Where the page was when it was left: what comes at first after that place is new. */
const place = { left: visit.position, isPassed: false };

function markNew(position) {
  if (place.isPassed) log.note("mark", "New since you left");
  place.isPassed = position === place.left;
  if (place.isPassed) place.left = null;
  visit.position = position;
}

/** The past comes at once. */
function readNoHistory() {
  elements.log.setAttribute("aria-busy", "true");
  setTimeout(() => {
    elements.log.removeAttribute("aria-busy");
    Object.assign(place, { left: null, isPassed: false });
  }, 500);
}

/** A text that was given back has been sent after all. */
function takeBack(key) {
  const text = visit.doubtful.get(key);
  visit.doubtful.delete(key);
  elements.text.value = elements.text.value.replace(text, () => "").trim();
  if (visit.doubtful.size === 0) elements.notice.textContent = "";
  grow();
}

// ---- coming in

elements.name.value = localStorage.getItem(NAME_KEY) ?? "";
elements.name.focus();
elements.name.select();

elements.join.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = elements.name.value.trim();
  refuseName(name === "" ? "Tell us what to call you." : "");
  if (name === "") return elements.name.focus();
  showRoom(true);
  connect(name);
  elements.text.focus();
  grow();
});

function refuseName(reason) {
  elements.nameError.textContent = reason;
  elements.name.setAttribute("aria-invalid", reason !== "");
}

function showRoom(shown) {
  elements.welcome.hidden = shown;
  elements.room.hidden = !shown;
  elements.peopleToggle.hidden = !shown;
}

/** The server has closed the connection for good. */
function leave(reason) {
  showRoom(false);
  refuseName(reason);
  elements.name.focus();
}

// ---- writing

elements.text.value = [...visit.doubtful.values(), visit.draft].filter(Boolean).join("\n");
if (visit.doubtful.size > 0) elements.notice.textContent = "This was not sent before you left.";

elements.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = elements.text.value.trim();
  elements.text.focus();
  if (text !== "") say(text);
});

/** The client keeps it until the server has it, whatever happens to the connection. */
function say(text) {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  visit.unsent.set(key, text);
  visit.doubtful.clear();
  log.addPending({ key, text, person: me, time: new Date().toISOString() });
  client.publish("room", { key, text }).then(() => settle(key), (error) => refuse(key, error));
  elements.notice.textContent = "";
  elements.text.value = "";
  typedAt = -Infinity;
  grow();
}

function settle(key) {
  visit.unsent.delete(key);
  log.accept(key);
}

function refuse(key, { code, message }) {
  log.reject(key);
  const isAnswer = code >= 400 && code < 500;
  elements.notice.textContent = isAnswer ? message : "That could not be sent.";
  elements.text.value = [elements.text.value, visit.unsent.get(key)].filter(Boolean).join("\n");
  visit.unsent.delete(key);
  grow();
}

elements.text.addEventListener("keydown", (event) => {
  // While an input method composes a word, Enter belongs to it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  elements.composer.requestSubmit();
});

elements.text.addEventListener("input", () => {
  grow();
  tellTyping();
});

let typedAt = -Infinity;

/** Is not worth being told later. */
function tellTyping() {
  const now = performance.now();
  if (elements.text.value.trim() === "" || now - typedAt < TYPING_INTERVAL) return;
  if (client.state !== "open") return;
  typedAt = now;
  client.publish("typing", {});
}

function grow() {
  elements.text.style.height = "auto";
  elements.text.style.height = `${elements.text.scrollHeight}px`;
}

// ---- reading

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

// ---- leaving

addEventListener("pagehide", () => visit.keep());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") visit.keep();
});
