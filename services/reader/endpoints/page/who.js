// Who asks: a user, or a guest by a session; a guest may log in. The address remembers it: #u-42, #session:s-7.

import {about} from "./ask.js";
import {at, make} from "./dom.js";

const PREFIX = "session:";

export const idOf = who => (who.guest ? PREFIX : "") + who.name;
export const called = who => who.guest ? `guest ${who.name}` : who.name;

// What somebody typed need not be encoded as we do it.
const decoded = text => { try { return decodeURIComponent(text); } catch { return text; } };

const read = () => {
  const id = decoded(location.hash.slice(1));
  return id.startsWith(PREFIX) ? {guest: true, name: id.slice(PREFIX.length)} : {guest: false, name: id};
};

export class Who {
  // `changed(who)` is called with whoever is chosen, `login(guest, user)` at a login.
  constructor(changed, login) {
    this.changed = changed;
    const form = at("who");
    form.addEventListener("submit", event => { event.preventDefault(); this.choose(this._said()); });
    form.addEventListener("change", event => { if (event.target.name === "kind") this._label(); });
    at("new-guest").addEventListener("click", () => this.choose({guest: true, name: "s-" + Math.random().toString(36).slice(2, 8)}));
    at("login").addEventListener("submit", event => {
      event.preventDefault();
      login(this.now, at("login-as").value.trim());
    });
    addEventListener("hashchange", () => { if (idOf(read()) !== idOf(this.now)) this.choose(read()); });
    at("users").append(...about.users.map(user => make("option", {value: user})));
    at("examples").append("Try ", ...about.users.slice(0, 6).map(user =>
      make("button", {type: "button", className: "chip", onclick: () => this.choose({guest: false, name: user})}, user)));
    at("examples").hidden = !about.users.length;
    this.now = {guest: false, name: ""};
  }

  start() {
    const first = read();
    this.choose(first.name ? first : {guest: false, name: about.users[0] || ""});
  }

  choose(who) {
    this.now = who;
    document.querySelector(`#who [value=${who.guest ? "guest" : "user"}]`).checked = true;
    at("name").value = who.name;
    this._label();
    if (who.name) history.replaceState(null, "", "#" + encodeURIComponent(idOf(who)));
    at("login").hidden = !(who.guest && who.name);
    this.changed(who);
  }

  _said() {
    return {guest: at("who").elements.kind.value === "guest", name: at("name").value.trim()};
  }

  _label() {
    const guest = at("who").elements.kind.value === "guest";
    at("name-label").textContent = guest ? "Session id" : "User id";
    if (guest) at("name").removeAttribute("list");
    else at("name").setAttribute("list", "users");
  }
}
