// The rows of `POST /v1/page`, and what stands above each: its title, source and age.

import {ago, arrange, at, make, text} from "./dom.js";
import {EMPTY, SOURCES} from "./words.js";

const ASKED = [
  {row: "for_you", n: 12},
  {row: "because_you_viewed", n: 10},
  {row: "because_you_viewed", n: 10},
  {row: "buy_again", n: 8},
  {row: "recently_viewed", n: 8},
  {row: "trending", n: 10},
  {row: "new_for_you", n: 10},
];
export const FIELDS = ["title", "price", "categories"];

// The body of the request. Nobody but whoever looks at this page sees the answer, so it is no impression.
export const pageOf = (who, wishes) => ({
  rows: ASKED, fields: FIELDS, explain: true, preview: true, ...wishes,
  ...(who.guest ? {session: who.name} : {user: who.name, ...(who.session ? {session: who.session} : {})}),
});

export const sourceOf = (list, newest) => {
  const told = SOURCES[list.source] ? `${list.source}: ${SOURCES[list.source]}` : list.source;
  const age = list.ts ? ` · as of ${ago(Math.max(0, newest - list.ts))}` : "";
  return `${told}${age}${list.degraded ? " · degraded: the last known" : ""}`;
};

export class Rows {
  constructor(cards) {
    this.cards = cards;
    this.made = new Map();
    this.empty = make("p", {className: "empty"});
  }

  show(rows, newest) {
    const seen = new Map(), lists = [];
    for (const list of rows) {
      const count = (seen.get(list.row) || 0) + 1;
      seen.set(list.row, count);
      if (list.items.length) lists.push([`${list.row}-${count}`, list]);
    }
    this.cards.forget(new Set(lists.map(([key]) => key)));
    const shown = lists.map(([key, list]) => this._row(key, list, newest));
    const none = rows.filter(list => !list.items.length).map(list => EMPTY[list.row]);
    text(this.empty, shown.length
      ? (none.length ? `Nothing yet for: ${[...new Set(none)].join(" · ")}` : "")
      : "Nothing to show: events make lists, and filters may leave nothing.");
    arrange(at("rows"), [...shown, this.empty]);
  }

  // Another asker: nothing of the former one is marked as changed.
  restart() {
    this.cards.forget();
  }

  _row(key, list, newest) {
    let row = this.made.get(key);
    if (!row) {
      const title = make("h2", {id: `title-${key}`}), source = make("small", {});
      const cards = make("ol", {className: "strip", tabIndex: 0, "aria-labelledby": title.id});
      const element = make("section", {className: "row", "aria-labelledby": title.id, data: {row: list.row}},
        make("div", {className: "head"}, title, source), cards);
      row = {title, source, cards, element};
      this.made.set(key, row);
    }
    text(row.title, list.title);
    text(row.source, sourceOf(list, newest));
    arrange(row.cards, this.cards.of(key, list));
    return row.element;
  }
}
