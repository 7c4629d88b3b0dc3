// Beside the rows: what trends, ranked, or what is near the item that was clicked.

import {get} from "./ask.js";
import {ago, arrange, at, make, text} from "./dom.js";
import {FIELDS, sourceOf} from "./rows.js";
import {reason} from "./words.js";

const N = 12, NEAR = 6, KEEP_NEW_MS = 6000;
const fields = FIELDS.map(name => ["fields", name]);

const nearOf = (item, more) =>
  get(`v1/items/${encodeURIComponent(item)}/similar`, [["n", 24], ["explain", "true"], ["preview", "true"], ...fields, ...more]);

export class Beside {
  constructor(show) {
    this.show = show;
    this.item = null;
    this.lines = new Map();
    this.title = make("h2", {}, "Trending now");
    this.note = make("small", {});
    this.list = make("ol", {className: "ranked"});
    this.trending = make("section", {data: {beside: "trending"}}, this.title, this.note, this.list);
    at("beside").append(this.trending);
  }

  async refresh(newest) {
    if (this.item) return;
    const list = await get("v1/trending", [["n", N], ["preview", "true"], ...fields]);
    if (this.item) return;
    text(this.note, sourceOf(list, newest));
    this._rank(list);
  }

  _rank(list) {
    const first = this.lines.size === 0, now = Date.now(), top = Math.max(...list.scores, 1e-9), kept = new Map();
    list.items.forEach((id, place) => {
      const line = this.lines.get(id) || this._line(id, first ? 0 : now);
      const said = (list.fields || [])[place] || {};
      text(line.rank, String(place + 1));
      text(line.name, said.title || id);
      line.item = {id, title: said.title || id, rec: list.rec_id};
      line.bar.style.width = Math.max(2, 100 * list.scores[place] / top) + "%";
      line.element.classList.toggle("new", now - line.since < KEEP_NEW_MS);
      kept.set(id, line);
    });
    this.lines = kept;
    arrange(this.list, [...kept.values()].map(line => line.element));
  }

  _line(id, since) {
    const line = {since, item: {id}, bar: make("i", {}), rank: make("span", {className: "rank"})};
    line.name = make("button", {type: "button", className: "name", title: id, onclick: () => this.show(line.item)});
    line.element = make("li", {}, line.bar, line.rank, line.name);
    return line;
  }

  // What is near an item: met together, bought by the same people, in its place, like it.
  async open(item, newest) {
    this.item = item.id;
    const [near, beside, instead] = await Promise.all([
      nearOf(item.id, []), nearOf(item.id, [["kind", "complements"]]), nearOf(item.id, [["kind", "substitutes"]])]);
    if (this.item !== item.id) return;
    const places = list => list.items.map((_, place) => place);
    const met = near.source === "similar" ? places(near) : [];
    const parts = [
      ["Also viewed", near, met.filter(place => near.why[place] !== "alike")],
      ["Also bought", beside, places(beside).filter(place => beside.why[place] === "bought")],
      ["Goes with it", beside, places(beside).filter(place => beside.why[place] !== "bought")],
      ["Instead of it", instead, places(instead)],
      ["Like it, by the catalogue", near, met.filter(place => near.why[place] === "alike")],
    ].filter(([, , some]) => some.length);
    const close = make("button", {type: "button", className: "plain", onclick: () => this.close()}, "Close");
    at("beside").classList.add("open");
    at("beside").replaceChildren(make("section", {data: {beside: "item"}},
      make("div", {className: "ends"}, make("h2", {}, item.title), close),
      make("small", {}, `${item.id}${near.ts ? ` · as of ${ago(Math.max(0, newest - near.ts))}` : ""}`),
      ...(parts.length ? parts.map(part => this._part(...part)) : [make("p", {className: "empty"}, "Nothing was met near it yet.")])));
    close.focus({preventScroll: true});
  }

  _part(title, list, places) {
    const lines = places.slice(0, NEAR).map(place => {
      const id = list.items[place], said = (list.fields || [])[place] || {};
      const item = {id, title: said.title || id, rec: list.rec_id};
      return make("li", {}, make("button", {type: "button", className: "name", title: id, onclick: () => this.show(item)}, item.title),
        make("span", {className: "why"}, reason(list, place)));
    });
    return make("div", {}, make("h3", {}, title), make("ol", {className: "near"}, ...lines));
  }

  close() {
    const item = this.item;
    this.item = null;
    at("beside").classList.remove("open");
    at("beside").replaceChildren(this.trending);
    const card = [...document.querySelectorAll(".card")].find(card => card.dataset.item === item);
    (card ? card.querySelector(".title") : at("rows")).focus({preventScroll: true});
  }
}
