// What is asked for beside whose page: filters and diversity; and what somebody likes at the beginning.

import {at, make, text} from "./dom.js";

const PAUSE_MS = 250, MOST = 500;
const categories = new Set();

export function wished() {
  const {category, price_max, exclude, own, diversity} = at("wishes").elements;
  const gone = exclude.value.split(/[\s,]+/).filter(Boolean);
  return {
    ...(category.value.trim() ? {category: [category.value.trim()]} : {}),
    ...(price_max.value !== "" ? {price_max: Number(price_max.value)} : {}),
    ...(gone.length ? {exclude: gone} : {}),
    ...(own.checked ? {diversity: Number(diversity.value)} : {}),
  };
}

export function onWish(changed) {
  let waiting = 0;
  const soon = () => {
    at("wishes").elements.diversity.disabled = !at("wishes").elements.own.checked;
    clearTimeout(waiting);
    waiting = setTimeout(changed, PAUSE_MS);
    const set = Object.keys(wished()).length;
    text(at("filters-set"), set ? ` · ${set} set` : "");
  };
  at("wishes").addEventListener("input", soon);
  at("wishes").addEventListener("reset", () => setTimeout(soon));
  at("wishes").addEventListener("submit", event => { event.preventDefault(); soon(); });
}

// Categories are those that items were met with; there is no list of all.
export function meet(lists) {
  const before = categories.size;
  for (const list of lists) for (const said of list.fields || []) for (const name of said.categories || [])
    if (categories.size < MOST) categories.add(name);
  if (categories.size > before) at("categories").replaceChildren(...sorted().map(name => make("option", {value: name})));
}

const sorted = () => [...categories].sort((a, b) => a.localeCompare(b));

// What is ticked is handed to `save({liked_categories, avoided_categories})`.
export function askTastes(known, save) {
  const sides = {liked: new Set(known.liked), avoided: new Set(known.avoided)};
  const names = [...new Set([...sorted(), ...sides.liked, ...sides.avoided])];
  for (const [side, ticked] of Object.entries(sides))
    at(side).replaceChildren(...names.map(name => make("label", {className: "chip"},
      make("input", {type: "checkbox", value: name, checked: ticked.has(name)}), name)));
  const dialog = at("tastes");
  dialog.returnValue = "cancel";
  dialog.onclose = () => {
    if (dialog.returnValue !== "save") return;
    const told = Object.fromEntries(Object.entries(sides).map(([side, ticked]) =>
      [`${side}_categories`, [...at(side).querySelectorAll("input:checked")].map(box => box.value).filter(name => !ticked.has(name))]));
    if (told.liked_categories.length + told.avoided_categories.length) save(told);
  };
  dialog.showModal();
}
