// Elements, of which every text is text: titles and names are anybody's, so nothing here is ever parsed as HTML.

export const at = id => document.getElementById(id);

export function make(tag, properties = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside.filter(part => part !== null && part !== undefined && part !== ""));
  return made;
}

// A drawing of the index: not every machine has a font with such signs.
export const sign = name => at(`sign-${name}`).content.firstElementChild.cloneNode(true);

export const text = (element, said) => { if (element.textContent !== said) element.textContent = said; };

// Children in this order, moving only those that stand elsewhere: what has the focus keeps it.
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  const focused = document.activeElement;
  wanted.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] || null);
  });
  if (focused && focused !== document.activeElement && parent.contains(focused)) focused.focus({preventScroll: true});
}

export function ago(ms) {
  if (ms < 2000) return "just now";
  for (const [unit, size] of [["d", 864e5], ["h", 36e5], ["min", 6e4], ["s", 1e3]])
    if (ms >= size) return `${Math.floor(ms / size)} ${unit} ago`;
  return "just now";
}
