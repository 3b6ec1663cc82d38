// Keeps a page current: loads the same page again, and changes only what differs, so that focus, scrolling and
// what is being typed stay. Filters answer without a reload. Without this script everything works by links,
// forms and a page that loads itself.
"use strict";

const SECONDS = 5, TIME_LIMIT = 30;
let timer, running, states = stateOf(document), typing;

function stateOf(page) {
  return new Map([...page.querySelectorAll("[data-state]")].map((each) => [each.dataset.name, each.dataset.state]));
}

// Elements with an id, and sections by their heading's, are recognised wherever they have moved to; others by
// their place.
function keyOf(node) {
  return node.id || node.getAttribute?.("aria-labelledby") || null;
}

function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return old;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return old;
  }
  morphAttributes(old, fresh);
  if (old.matches("input, select")) return old;  // what a person is writing is theirs
  morphChildren(old, fresh);
  return old;
}

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(old.matches("details") && name === "open")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !(old.matches("input") && name === "value")) old.setAttribute(name, value);
  }
}

function morphChildren(old, fresh) {
  const known = new Map([...old.children].filter(keyOf).map((each) => [keyOf(each), each]));
  let place = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = keyOf(next);
    const same = key ? known.get(key) : place && !keyOf(place) ? place : null;
    if (same) {
      if (same !== place) old.insertBefore(same, place);
      place = morph(same, next).nextSibling;
    } else {
      old.insertBefore(next, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

function say(text) {
  document.getElementById("said").textContent = text;
}

function sayChanges(fresh) {
  const now = stateOf(fresh), changes = [];
  for (const [name, state] of now) {
    if (states.has(name) && states.get(name) !== state) changes.push(`${name} is ${state}`);
    states.set(name, state);
  }
  if (changes.length > 5) changes.splice(5, Infinity, `and ${changes.length - 5} more changed`);
  if (changes.length) say(changes.join(", "));
}

async function refresh(spoken) {
  clearTimeout(timer);
  running?.abort();
  const mine = (running = new AbortController());
  const began = performance.now();
  try {
    const limit = setTimeout(() => mine.abort(), TIME_LIMIT * 1000);
    const answer = await fetch(location.href, { signal: mine.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    clearTimeout(limit);
    sayChanges(fresh);
    document.title = fresh.title;
    const focus = document.activeElement;
    morph(document.getElementById("main"), fresh.getElementById("main"));
    if (focus !== document.activeElement && focus.isConnected) focus.focus({ preventScroll: true });  // it was moved
    document.getElementById("stale")?.remove();
    if (spoken) say(document.getElementById("shown")?.textContent ?? "");
  } catch {
    if (running !== mine) return;  // a newer one is on its way
    showStale();
  }
  // A large page, or a slow way, is not loaded all the time.
  const rest = Math.max(SECONDS * 1000, 8 * (performance.now() - began));
  timer = setTimeout(refresh, rest);
}

function showStale() {
  if (document.getElementById("stale")) return;
  const note = document.createElement("p");
  note.id = "stale";
  note.className = "card warning";
  note.setAttribute("role", "alert");
  note.textContent = `Lookout does not answer. What is shown is of ${new Date().toLocaleTimeString()}; trying again.`;
  document.getElementById("main").before(note);
}

function filter(form) {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (value) url.searchParams.set(name, value);
  }
  history.replaceState(null, "", url);
  refresh(true);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form.filter");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(() => filter(form), event.target.matches("input") ? 250 : 0);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.filter")) return;
  event.preventDefault();
  clearTimeout(typing);
  filter(event.target);
});
// What a person does, and what came of it in words.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-post]");
  if (!button) return;
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.post, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(TIME_LIMIT * 1000),
    });
    say((await answer.json()).text ?? answer.statusText);
  } catch {
    say("Lookout did not answer");
  }
  refresh();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(timer);
  } else {
    refresh();
  }
});
timer = setTimeout(refresh, SECONDS * 1000);
