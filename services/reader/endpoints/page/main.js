// The page: asks for its rows again and again, and at once after whatever is done here.

import {about, get, ofUser, post, send} from "./ask.js";
import {Beside} from "./beside.js";
import {Cards, menuKeys} from "./cards.js";
import {at, make, sign, text} from "./dom.js";
import * as numbers from "./numbers.js";
import {Rows, pageOf} from "./rows.js";
import {Who, called, idOf} from "./who.js";
import {askTastes, meet, onWish, wished} from "./wishes.js";

const POLL_MS = 1500;
const DONE = {like: "You like", dislike: "You dislike", hide: "Hidden:", skip: "Not interested in"};
const OF_CATEGORY = {like: "You like", hide: "Hidden, all of"};
let newest = Date.now(), turn = 0, sayings = 0, known = {liked: [], avoided: []};

const say = said => { sayings++; text(at("said"), said); };
const failed = error => say(`That did not work: ${error.message}`);

const cards = new Cards({
  show: item => open(item),
  say: (kind, item) => tell({kind, item_id: item.id, rec_id: item.rec}, `${DONE[kind]} ${item.title}`),
  sayOf: (kind, category) => tell({kind, category}, `${OF_CATEGORY[kind]} ${category}`),
  act: (type, item) => act(type, item, `Bought: ${item.title}`),
});
const rows = new Rows(cards), beside = new Beside(item => open(item));

const who = new Who(now => {
  rows.restart();
  greet(now).catch(failed);
}, login);

// A greeting does not take the place of what was said while its rows were asked for.
async function greet(now) {
  const before = sayings;
  await refresh();
  if (now.name && now === who.now && before === sayings) say(`The page of ${called(now)}`);
}

// An answer that was asked for before something was done here does not undo what it shows.
async function refresh() {
  const mine = ++turn, now = who.now;
  if (!now.name) { rows.show([], newest); return; }
  const [page, past] = await Promise.all([post("v1/page", pageOf(now, wished())), history(now)]);
  if (mine !== turn) return;
  meet(page.rows);
  rows.show(page.rows, newest);
  tellKnown(now, past);
}

const history = now => get(ofUser(idOf(now), "history"), now.session ? [["session", now.session]] : []);

function tellKnown(now, past) {
  known = {liked: past.liked_categories, avoided: past.avoided_categories};
  const items = `${past.items.length} ${past.items.length === 1 ? "item" : "items"} met lately`;
  text(at("known"), `Known of ${called(now)}: ${items}, ${past.taken.length} taken${now.session ? `, session ${now.session} joined` : ""}`);
  const chips = [
    ...known.liked.map(name => make("span", {className: "chip", title: "Liked"}, sign("heart"), name)),
    ...known.avoided.map(name => make("button", {type: "button", className: "chip", title: "Hidden; show it again",
      onclick: () => tell({kind: "like", category: name}, `Shown again: ${name}`)}, sign("cross"), name)),
  ];
  const said = chips.map(chip => `${chip.title}: ${chip.textContent}`).join("\n");
  if (at("told").dataset.said !== said) at("told").replaceChildren(...chips);
  at("told").dataset.said = said;
}

async function tell(word, said) {
  await told(() => post(ofUser(idOf(who.now), "feedback"), word), said);
}

async function told(telling, said) {
  const start = performance.now();
  try {
    await telling();
    await refresh();
    say(`${said} · the next answer came ${Math.round(performance.now() - start)} ms after the click`);
  } catch (error) { failed(error); }
}

async function act(type, item, said) {
  try {
    if (await send(type, who.now, {item_id: item.id, rec_id: item.rec})) say(`${said} · sent to the collector as ${type}`);
  } catch (error) { failed(error); }
}

function open(item) {
  if (who.now.name) act("view", item, `Viewed: ${item.title}`);
  beside.open(item, newest).catch(failed);
}

// The session goes along with requests, so its history counts before the event has arrived.
async function login(guest, user) {
  try {
    const before = (await history(guest)).items.length;
    const sent = await send("identify", {guest: false, name: user}, {session_id: guest.name});
    who.choose({guest: false, name: user, session: guest.name});
    await refresh();
    say(`Guest ${guest.name} is ${user}: ${before} items came along` +
      (sent ? ", for good by an identify event" : ", while the session is named in requests"));
  } catch (error) { failed(error); }
}

// What is said of the way to this page, and whether that is bad.
function stateOf(status) {
  if (status.redis !== "up") return ["Redis is away: last known lists", true];
  return status.write_path ? ["live", false] : ["no worker runs: lists stand still", true];
}

async function poll() {
  try {
    const status = await get("v1/status");
    newest = Math.min(status.now, status.trending_ts || status.now);
    numbers.show(status);
    numbers.state(...stateOf(status));
    if (at("live").checked && !document.hidden) await Promise.all([refresh(), beside.refresh(newest)]);
  } catch (error) { numbers.state(error.message, true); }
  setTimeout(poll, POLL_MS);
}

async function begin() {
  at("menu").addEventListener("keydown", menuKeys);
  at("ask-tastes").addEventListener("click", () => askTastes(known, save => told(
    () => post(ofUser(idOf(who.now), "preferences"), save), "What you like is known")));
  onWish(() => refresh().catch(failed));
  text(at("collector"), about.collector ? `Clicks are sent to the collector at ${about.collector}` : "Clicks are not sent: no collector is named (HEADRACE_READER_PAGE_COLLECTOR)");
  at("filters").open = !matchMedia("(max-width: 600px)").matches;  // there, what is recommended comes first
  who.start();
  poll();
  const some = [["n", 50], ["preview", "true"], ["fields", "categories"]];
  meet(await Promise.all([get("v1/trending", some), get("v1/popular", some)]));
}

begin().catch(failed);
