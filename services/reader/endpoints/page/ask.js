// How the reader and the collector are asked; what went wrong is an Error that says it in words.

export const about = JSON.parse(document.getElementById("about").textContent);

const PATIENCE_MS = 8000;

async function asked(url, options) {
  const whom = about.collector && url.startsWith(about.collector) ? "collector" : "reader";
  const answer = await fetch(url, {cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...options})
    .catch(() => { throw new Error(`the ${whom} does not answer`); });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail || answer.statusText || `status ${answer.status}`);
  return body;
}

export const get = (path, query = []) => asked(path + (query.length ? "?" + new URLSearchParams(query) : ""));

export const post = (path, body) =>
  asked(path, {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)});

export const ofUser = (user, what) => `v1/users/${encodeURIComponent(user)}/${what}`;

// An event by the collector; false if there is none.
export async function send(type, who, more) {
  if (!about.collector) return false;
  const name = who.guest ? {session_id: who.name} : {user_id: who.name};
  await post(about.collector + "/v1/events", {type, ...name, ...more});
  return true;
}
