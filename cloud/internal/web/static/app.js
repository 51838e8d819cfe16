// Makes the pages livelier: forms answer without a reload, and a page that changes by itself is followed over an event
// stream, by asking again where the stream is lost. Everything shown is rendered by the server; without this script the
// same forms and pages work.

const beatMS = 25000; // a stream that is silent for longer is taken for dead
const askMS = 3000;
const slowestMS = 60000; // nobody is asked less often than this

const main = () => document.getElementById("main");
const net = document.getElementById("net");
const say = document.getElementById("say");
const told = document.getElementById("told");

let source = null;
let heard = 0; // when the server was last heard of
let busy = false;
let failed = 0; // how often in a row nobody answered
let patience = 0; // until when nobody is asked again
let pressed = false; // something is pressed right now: nothing moves under the thumb
let held = []; // pieces that came meanwhile

// ---- putting a new page in place of the old one, changing no more than differs

function same(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.dataset?.key === b.dataset?.key && a.id === b.id;
}

function morphAttributes(to, from) {
  for (const { name } of [...to.attributes]) {
    if (!from.hasAttribute(name) && !(name === "open" && "keepOpen" in to.dataset)) to.removeAttribute(name);
  }
  for (const { name, value } of from.attributes) {
    if (to.getAttribute(name) !== value) to.setAttribute(name, value);
  }
}

function morph(to, from) {
  if (to.nodeType !== Node.ELEMENT_NODE) {
    if (to.data !== from.data) to.data = from.data;
    return;
  }
  if (to.dataset.keep && to.dataset.keep === from.dataset.keep) return;
  morphAttributes(to, from);
  let here = to.firstChild;
  for (const next of [...from.childNodes]) {
    const match = find(here, next);
    if (!match) {
      to.insertBefore(next, here);
      continue;
    }
    if (match === here) here = here.nextSibling;
    else to.insertBefore(match, here);
    morph(match, next);
  }
  while (here) here = drop(here);
}

function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// find looks ahead for a row with the same key; anything else is matched only in place.
function find(here, next) {
  if (!here) return null;
  const key = next.dataset?.key;
  if (!key) return same(here, next) ? here : null;
  for (let node = here; node; node = node.nextSibling) if (same(node, next)) return node;
  return null;
}

function take(html, byHand) {
  const page = new DOMParser().parseFromString(html, "text/html").getElementById("main");
  if (!page) return location.reload();
  for (const input of page.querySelectorAll("[autofocus]")) input.removeAttribute("autofocus"); // take gives the focus itself
  const told = page.dataset.say;
  const hadFocus = main().contains(document.activeElement);
  morph(main(), page);
  document.title = main().dataset.title;
  if (main().dataset.path && main().dataset.path !== location.pathname) history.replaceState(null, "", main().dataset.path);
  if (told && say.textContent !== told) say.textContent = told;
  if (byHand) {
    scrollTo(0, 0);
    (main().querySelector("[data-focus]") ?? main().querySelector("h1"))?.focus({ preventScroll: true });
  } else if (hadFocus && !main().contains(document.activeElement)) {
    main().querySelector("h1")?.focus({ preventScroll: true });
  }
  follow();
  document.dispatchEvent(new Event("taken"));
}

// A page that another script has got is taken like one of the stream.
document.addEventListener("arrived", (event) => take(event.detail, false));

// takePieces puts the parts of the page in place that have changed, each by its own id.
function takePieces(html) {
  if (pressed) return held.push(html);
  for (const piece of [...new DOMParser().parseFromString(html, "text/html").body.children]) {
    const here = document.getElementById(piece.id);
    if (!here) continue;
    const hadFocus = here.contains(document.activeElement);
    morph(here, piece);
    if (hadFocus && !here.contains(document.activeElement)) {
      here.tabIndex = -1;
      here.focus({ preventScroll: true });
    }
    if (piece.dataset.say && say.textContent !== piece.dataset.say) say.textContent = piece.dataset.say;
  }
  document.dispatchEvent(new Event("taken"));
}

function letGo() {
  pressed = false;
  for (const html of held.splice(0)) takePieces(html);
}

addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => setTimeout(letGo, 100)); // The click comes first.

// ---- forms

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-part]")) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  const button = event.submitter ?? form.querySelector("button");
  button?.setAttribute("aria-busy", "true");
  try {
    take(await post(form), true);
    lost(false);
  } catch {
    lost(true);
  } finally {
    button?.removeAttribute("aria-busy");
    busy = false;
  }
});

// post tries again when the line breaks: the form's key makes the second try the same visit.
async function post(form) {
  const body = new URLSearchParams(new FormData(form));
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { "X-Part": "1" }, body });
      return await answer.text();
    } catch (err) {
      if (tries === 3) throw err;
      lost(true);
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

// ---- following a page that changes by itself

function follow() {
  const url = main().dataset.live;
  if (source && source.page === url && source.readyState !== EventSource.CLOSED) return;
  source?.close();
  source = null;
  heard = Date.now();
  if (!url) return;
  const last = main().dataset.drawn;
  source = new EventSource(last ? url + (url.includes("?") ? "&" : "?") + "last=" + last : url);
  source.page = url;
  source.onopen = () => lost(false);
  source.onmessage = (event) => {
    lost(false);
    if (!busy) take(event.data, false);
  };
  source.addEventListener("pieces", (event) => {
    lost(false);
    main().dataset.drawn = event.lastEventId;
    takePieces(event.data);
  });
  source.addEventListener("beat", () => lost(false));
  source.onerror = () => { // The browser would try again at one pace for ever, and with it everybody who looks.
    source?.close();
    wait();
  };
}

// wait lets more and more time pass before somebody is asked again, never the same for everybody.
function wait() {
  patience = Date.now() + Math.min(slowestMS, askMS * 2 ** failed) * (0.5 + Math.random() / 2);
  failed = Math.min(failed + 1, 8);
}

function lost(is) {
  if (!is) {
    heard = Date.now();
    failed = 0;
    told.textContent = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: told.dataset.zone }).format(heard);
  }
  const at = new Date(heard).toTimeString().slice(0, 5);
  const words = main().dataset.live ? net.dataset.text : net.dataset.idle;
  const text = is ? words.replace("{1}", at) : "";
  if (net.textContent !== text) net.textContent = text;
}

// ask is the way without a stream: the same page, asked for again.
async function ask() {
  const m = main();
  if (busy || !(m.dataset.live || "poll" in m.dataset)) return;
  try {
    const answer = await fetch(m.dataset.path, { headers: { "X-Part": "1" } });
    const html = await answer.text();
    lost(false);
    patience = 0;
    if (!busy) take(html, false);
  } catch {
    lost(true);
    wait();
  }
}

setInterval(() => {
  const streaming = source?.readyState === EventSource.OPEN && Date.now() - heard < beatMS;
  if (!document.hidden && !streaming && Date.now() >= patience) ask();
}, askMS);

document.addEventListener("visibilitychange", () => document.hidden || ask());
addEventListener("online", ask);

// ---- paper is white: curves that were drawn in the dark are drawn anew for it, and once more after it

let chosen; // what the reader chose for the screen
addEventListener("beforeprint", () => {
  const root = document.documentElement;
  chosen = root.dataset.theme;
  root.dataset.theme = "light";
  document.dispatchEvent(new Event("recolour"));
});
addEventListener("afterprint", () => {
  const root = document.documentElement;
  if (chosen) root.dataset.theme = chosen;
  else delete root.dataset.theme;
  document.dispatchEvent(new Event("recolour"));
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

// ---- the countdown of the lock

setInterval(() => {
  for (const b of document.querySelectorAll("[data-left]")) {
    b.dataset.left = Math.max(0, b.dataset.left - 1);
    if (b.textContent !== b.dataset.left) b.textContent = b.dataset.left;
  }
}, 1000);

follow();
