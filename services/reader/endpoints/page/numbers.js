// The key numbers of the write path and of this reader.

import {at, make} from "./dom.js";

const ms = x => x === null ? "–" : x >= 1000 ? (x / 1000).toFixed(1) + " s" : x.toFixed(x < 10 ? 1 : 0) + " ms";
const count = x => x.toLocaleString("en");
let before = null;

function rate(way, now) {
  const past = before;
  before = {applied: way.applied, now};
  return past && now > past.now && way.applied >= past.applied ? Math.round(1000 * (way.applied - past.applied) / (now - past.now)) : 0;
}

export function show(status) {
  const way = status.write_path, total = Object.values(status.answers).reduce((a, b) => a + b, 0);
  const flow = way
    ? [[count(rate(way, status.now)), "events a second"], [count(way.behind), "records behind"],
      [ms(way.freshness_ms.p50), "event to list, p50"], [ms(way.freshness_ms.p99), "event to list, p99"]]
    : [["–", "no worker runs"]];
  const shown = [...flow, [count(status.catalogue_items), "items in memory"], [count(total), "lists answered"],
    [ms(status.latency_ms.p50), "answer time, p50"], [ms(status.latency_ms.p99), "answer time, p99"]];
  at("numbers").replaceChildren(...shown.map(([value, name]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

export function state(said, bad = false) {
  at("state").textContent = said;
  at("state").classList.toggle("bad", bad);
}
