/** The page's side of the chat. What people type is only ever set as text, never as markup. */

const { room, client: clientUrl } = document.body.dataset;
const { TopicClient } = await import(clientUrl);

/** Messages that the page shows before it drops the oldest. */
const MAX_SHOWN = 500;
const NAME_KEY = "my-app-name";
const NOTICES = { connecting: "Connecting…", waiting: "The connection is lost; trying again…" };

const byId = (id) => document.getElementById(id);
const [join, name, say, text, log] = ["join", "name", "say", "text", "log"].map(byId);

name.value = localStorage.getItem(NAME_KEY) ?? "";
name.focus();
join.addEventListener("submit", (event) => {
  event.preventDefault();
  localStorage.setItem(NAME_KEY, name.value);
  join.hidden = true;
  byId("room").hidden = false;
  enter(name.value);
});

function enter(person) {
  const client = new TopicClient(`/topics?${new URLSearchParams({ name: person })}`);
  const topic = client.subscribe(`chat/${room}`, { last: 50, presence: true });
  client.addEventListener("state", () => notice(NOTICES[client.state] ?? ""));
  topic.addEventListener("message", ({ data }) => show(data));
  topic.addEventListener("lost", () => log.append(entry("p", "Some messages are missing here.")));
  topic.addEventListener("members", () => showPeople(topic.members));
  topic.addEventListener("error", ({ detail }) => notice(detail.message));
  say.addEventListener("submit", (event) => {
    event.preventDefault();
    // It waits for the connection, and is sent once.
    client.publish(`chat/${room}`, text.value).catch((error) => notice(error.message));
    text.value = "";
  });
  text.focus();
}

function show(said) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const item = document.createElement("div");
  const time = entry("time", new Date(said.time).toLocaleTimeString([], { timeStyle: "short" }));
  time.dateTime = new Date(said.time).toISOString();
  item.append(entry("b", said.name), " ", time, entry("p", said.text));
  log.append(item);
  if (log.childElementCount > MAX_SHOWN) log.firstElementChild.remove();
  // Who reads what was said before stays there.
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

function showPeople(members) {
  const names = [...members.values()].map((info) => info.name).sort();
  byId("people").textContent = `Here: ${names.join(", ")}`;
}

function entry(tag, content) {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
}

function notice(content) {
  byId("notice").textContent = content;
}
