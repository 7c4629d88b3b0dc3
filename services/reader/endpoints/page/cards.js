// An item as a card. A card is made once per place and kept, so that focus and menus survive the next answer.

import {at, make, sign, text} from "./dom.js";
import {about} from "./ask.js";
import {reason} from "./words.js";

const KEEP_NEW_MS = 6000;
const money = new Intl.NumberFormat("en", {minimumFractionDigits: 2, maximumFractionDigits: 2});

const hue = name => [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);

export class Cards {
  // `does`: show(item), say(kind, item), sayOf(kind, category), act(type, item)
  constructor(does) {
    this.does = does;
    this.made = new Map();
    at("menu").addEventListener("toggle", event => {
      if (event.newState === "closed" && this.opener) this.opener.setAttribute("aria-expanded", "false");
    });
  }

  // The cards of a list, in order. New ones are marked, but not those of a list that is shown for the first time.
  of(row, list) {
    const known = this.made.get(row), now = Date.now(), cards = new Map();
    const top = Math.max(...list.scores, 1e-9);
    list.items.forEach((id, place) => {
      const card = (known && known.get(id)) || this._card(id);
      if (known && !known.has(id)) card.since = now;
      this._fill(card, list, place, list.scores[place] / top);
      card.element.classList.toggle("new", now - card.since < KEEP_NEW_MS);
      cards.set(id, card);
    });
    this.made.set(row, cards);
    return [...cards.values()].map(card => card.element);
  }

  forget(rows) {
    for (const row of [...this.made.keys()]) if (!rows || !rows.has(row)) this.made.delete(row);
  }

  _card(id) {
    const card = {item: {id}, since: 0};
    card.letter = make("span", {className: "letter"});
    card.title = make("button", {className: "title", type: "button", onclick: () => this.does.show(card.item)},
      card.named = make("span"));
    card.facts = make("span", {className: "facts"});
    card.price = make("span", {className: "price"});
    card.why = make("span", {className: "why"});
    card.bar = make("i", {className: "bar"});
    card.like = this._button("heart", () => this.does.say("like", card.item));
    card.hide = this._button("cross", () => this.does.say("hide", card.item));
    card.more = this._button("dots", () => this._open(card));
    card.more.setAttribute("aria-haspopup", "menu");
    card.element = make("li", {className: "card", data: {item: id}},
      make("div", {className: "tile", "aria-hidden": "true"}, card.letter, card.bar),
      card.title, make("span", {className: "line"}, card.price, card.facts), card.why,
      make("span", {className: "says"}, card.like, card.hide, card.more));
    return card;
  }

  _button(name, onclick) {
    return make("button", {type: "button", className: "sign", onclick}, sign(name));
  }

  _fill(card, list, place, share) {
    const said = (list.fields || [])[place] || {}, id = list.items[place], title = said.title || id;
    const categories = said.categories || [];
    card.item = {id, title, category: categories.at(-1) || null, rec: list.rec_id};
    text(card.named, title);
    card.title.title = id;
    text(card.letter, [...title][0].toUpperCase());
    card.element.style.setProperty("--hue", hue(categories[0] || title));
    card.bar.style.width = Math.max(4, 100 * share) + "%";
    text(card.price, said.price === undefined ? "" : money.format(said.price));
    text(card.facts, categories.join(" › "));
    text(card.why, reason(list, place));
    for (const [button, word] of [[card.like, "Like"], [card.hide, "Hide"], [card.more, "Say more of"]]) {
      button.setAttribute("aria-label", `${word} ${title}`);
      button.title = word === "Say more of" ? "More" : word;
    }
  }

  // One menu for all cards; Escape or a click elsewhere closes it.
  _open(card) {
    const menu = at("menu"), item = card.item;
    const choices = [
      ["Not interested", () => this.does.say("skip", item)],
      ["Dislike", () => this.does.say("dislike", item)],
      ["Hide this item", () => this.does.say("hide", item)],
      item.category && [`Hide all of ${item.category}`, () => this.does.sayOf("hide", item.category)],
      item.category && [`More of ${item.category}`, () => this.does.sayOf("like", item.category)],
      about.collector && ["Buy it", () => this.does.act("purchase", item)],
    ].filter(Boolean);
    menu.replaceChildren(...choices.map(([word, act]) =>
      make("button", {type: "button", role: "menuitem", onclick: () => { menu.hidePopover(); act(); }}, word)));
    this.opener = card.more;
    card.more.setAttribute("aria-expanded", "true");
    menu.showPopover();
    const place = card.more.getBoundingClientRect(), size = menu.getBoundingClientRect();
    menu.style.left = Math.max(8, Math.min(place.right - size.width, innerWidth - size.width - 8)) + "px";
    menu.style.top = (place.bottom + size.height + 8 < innerHeight ? place.bottom + 4 : place.top - size.height - 4) + "px";
    menu.querySelector("button").focus();
  }
}

// The arrow keys go through a menu.
export function menuKeys(event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll("button")], now = all.indexOf(document.activeElement);
  all[(now + step + all.length) % all.length].focus();
  event.preventDefault();
}
