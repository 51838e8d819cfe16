// Lets a restocker work where there is no network. Each step that a form makes is kept on this phone first, under a key made here,
// and sent in order when there is a line; until the store has it, the page shows it as kept. What the store refuses stays in sight
// with what the store has instead, until a person decides. Pages are kept by the worker; nothing else is.

const bar = document.getElementById("sync");
const retryMS = 5000;
const settleMS = 700; // of taps on plus and minus, which are one step together
const keepMS = 500; // that a page stands still before it is kept anew
const keptDays = 3; // of steps that have reached the store, which are only counted

const here = () => document.getElementById("round");
const mine = () => here()?.dataset.person ?? "";
const words = (name, ...args) => args.reduce((text, a, i) => text.replace(`{${i + 1}}`, a), bar.dataset[name]);
const by = (attribute, value) => here()?.querySelector(`[${attribute}="${CSS.escape(value)}"]`);

let online = true;
let signedOut = false;
let sending = null;
let known = false; // the page that is being taken is kept already
let seen = new Map(); // what the store has said of each place, before what is kept here is laid over it

// ---- what is kept

const opened = new Promise((done, fail) => {
  const ask = indexedDB.open("walk", 1);
  ask.onupgradeneeded = () => ask.result.createObjectStore("steps", { keyPath: "n", autoIncrement: true });
  ask.onsuccess = () => done(ask.result);
  ask.onerror = () => fail(ask.error);
});

async function store(mode, work) {
  const tx = (await opened).transaction("steps", mode);
  const ask = work(tx.objectStore("steps"));
  return new Promise((done, fail) => {
    tx.oncomplete = () => done(ask.result);
    tx.onerror = tx.onabort = () => fail(tx.error);
  });
}

const everything = () => store("readonly", (s) => s.getAll());
const put = (step) => store("readwrite", (s) => s.put(step));
const forget = (step) => store("readwrite", (s) => s.delete(step.n));

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// keep puts a step into the queue; one more tap on a number that was not sent yet changes that one.
async function keep(body, label) {
  const all = await everything();
  const last = all.findLast((s) => s.round === here().dataset.round && s.person === mine() && samePlace(s.body, body));
  if (last?.state === "waiting" && !last.tried && (body.kind === "count" || body.kind === "pick")) {
    await put({ ...last, body: { ...body, saw: last.body.saw }, label });
  } else {
    await put({ round: here().dataset.round, person: mine(), key: newKey(), body, label, at: Date.now(), state: "waiting" });
  }
  await draw();
}

const samePlace = (a, b) => a.kind === b.kind && a.cabinet === b.cabinet && a.platform === b.platform && a.sku === b.sku;

// ---- sending

function send() {
  sending ??= (navigator.locks ? navigator.locks.request("walk-send", sendAll) : sendAll()).finally(() => (sending = null));
  return sending;
}

async function sendAll() {
  let moved = false;
  for (const step of await everything()) {
    if (step.state !== "waiting" || step.person !== mine()) continue;
    await put({ ...step, tried: true });
    const went = await sendOne({ ...step, tried: true });
    if (!went) break;
    moved = true;
  }
  if (moved) await redraw();
  else await draw();
}

async function sendOne(step) {
  let answer;
  try {
    answer = await fetch(`/api/v1/rounds/${step.round}/steps`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": step.key, "Accept-Language": document.documentElement.lang },
      body: JSON.stringify(step.body),
    });
    online = true;
    signedOut = answer.status === 401;
    if (signedOut || answer.status === 429 || answer.status >= 500) return false;
    const told = await answer.json();
    if (answer.ok) await put({ ...step, state: "sent", number: told.steps.findIndex((s) => s.key === step.key) + 1 });
    else await put({ ...step, state: "refused", problem: told.title });
    return true;
  } catch {
    online = answer !== undefined;
    return false;
  }
}

// ---- the page, with what is kept laid over it

// redraw asks the store for this page, and keeps it; without a line it is the page as it was kept.
async function redraw() {
  const path = location.pathname;
  const cache = await caches?.open("walk-pages").catch(() => undefined);
  let answer;
  try {
    answer = await fetch(path, { headers: { Accept: "text/html" } });
    online = true;
    if (answer.status !== 200 || answer.redirected) return draw();
    await cache?.put(path, answer.clone());
  } catch {
    online = false;
    answer = await cache?.match(path);
  }
  if (answer && path === location.pathname) {
    known = true;
    document.dispatchEvent(new CustomEvent("arrived", { detail: await answer.text() }));
    known = false;
  }
  await draw();
}

const pending = (step) => step.state === "waiting" || (step.state === "sent" && step.number > Number(here().dataset.steps ?? 0));

async function draw() {
  const all = await everything();
  if (!here()) return;
  for (const step of all) if (step.round === here().dataset.round && step.person === mine() && pending(step)) lay(step.body);
  leftOver();
  finishMayBe();
  tell(all);
}

// leftOver counts what is still to be picked where the store has not heard of all that was.
function leftOver() {
  if (here().dataset.state !== "picking" || !here().querySelector(".pick.kept")) return;
  const left = here().querySelectorAll(".pick:not(.got, .part)").length;
  here().querySelector("h1").textContent = left ? words("topick", left) : bar.dataset.picked;
  const note = document.getElementById("leftover");
  if (note) note.hidden = left === 0;
}

const places = {
  start: () => state("planned", here().dataset.kind === "count" ? "under_way" : "picking"),
  depart() {
    state("picking", "under_way");
    if (here().dataset.state === "under_way") here().querySelector("h1").textContent = words("way", here().querySelectorAll("[data-stop]:not(.done)").length);
  },
  finish: () => state("under_way", "done"),
  pick(b) {
    const row = by("data-code", b.sku);
    if (!row?.matches(".pick")) return;
    row.dataset.picked = b.units;
    row.classList.toggle("got", b.units === Number(row.dataset.planned));
    row.classList.toggle("part", b.units < Number(row.dataset.planned));
    row.classList.add("kept");
    const word = row.querySelector(".stateword");
    word.textContent = `${b.units} / ${row.dataset.planned}`;
    word.dataset.kept = bar.dataset.kept;
  },
  count(b) {
    const panel = panelOf(b);
    if (!panel) return;
    const out = b.removed ?? 0;
    panel.dataset.said = b.units - out;
    panel.querySelector(".counted").textContent = out ? `+${b.units} −${out}` : b.units;
    panel.classList.add("kept");
    by("data-lane", panel.id)?.classList.add("kept");
  },
  date(b) {
    panelOf(b)?.classList.add("kept");
  },
  answer(b) {
    const panel = panelOf(b);
    panel?.classList.add("kept");
    if (panel) by("data-lane", panel.id)?.classList.add("kept");
  },
  stray(b) {
    by("data-stray", `${b.platform}-${b.sku}`)?.classList.add("kept");
  },
  close(b) {
    by("data-stop", b.cabinet)?.classList.add("done", "kept");
    if (here().dataset.cabinet === b.cabinet) here().dataset.over = "";
  },
};

function lay(body) {
  places[body.kind]?.(body);
}

const panelOf = (b) => (here().dataset.cabinet === b.cabinet ? document.getElementById(`l-${b.platform}-${b.sku}`) : null);

function state(from, to) {
  if (here().dataset.state === from) here().dataset.state = to;
}

// finishMayBe lets the round end when its last stop is over, though the store does not know yet.
function finishMayBe() {
  const button = here().querySelector(".van .btn");
  if (!button || here().dataset.state !== "under_way") return;
  button.disabled = here().querySelector("[data-stop]:not(.done)") !== null;
  button.form.classList.toggle("later", button.disabled);
}

// taken is called with the page as the store has it.
function taken() {
  if (!here()) return;
  seen = new Map();
  for (const e of here().querySelectorAll(".pick")) seen.set(`pick ${e.dataset.code}`, e.dataset.picked);
  for (const e of here().querySelectorAll(".lanepanel")) {
    seen.set(e.id, e.dataset.said);
    for (const input of e.querySelectorAll("input[type=number]")) {
      if (document.activeElement !== input) input.value = input.getAttribute("value");
    }
  }
  draw();
}

// ---- the bar

function tell(all) {
  const own = all.filter((s) => s.person === mine());
  const waiting = own.filter((s) => s.state === "waiting");
  here()?.classList.toggle("unsent", waiting.length > 0);
  write("saved", words("saved", own.length));
  write("reached", words("reached", own.filter((s) => s.state === "sent").length));
  write("asleep", asleep(waiting, all.length - own.length));
  document.getElementById("refused").replaceChildren(...own.filter((s) => s.state === "refused").map(refusal));
  bar.hidden = false;
  holds(waiting.length);
}

function asleep(waiting, others) {
  const parts = [];
  if (signedOut) parts.push(bar.dataset.signin);
  else if (!online && waiting.length) parts.push(words("asleep", waiting.length, new Date(waiting[0].at).toTimeString().slice(0, 5)));
  else if (!online) parts.push(bar.dataset.off);
  if (others > 0) parts.push(words("other", others));
  return parts.join(" ");
}

function write(id, text) {
  const e = document.getElementById(id);
  if (e.textContent !== text) e.textContent = text;
}

function refusal(step) {
  const item = document.createElement("li");
  const line = (text) => item.appendChild(Object.assign(document.createElement("p"), { textContent: text }));
  line(step.label);
  line(words("refused", step.problem));
  const now = storeHas(step.body);
  if (now !== undefined) line(words("now", now === "" ? bar.dataset.nothing : now));
  const two = item.appendChild(Object.assign(document.createElement("div"), { className: "two" }));
  const button = (name, act) => {
    const b = two.appendChild(Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent: bar.dataset[name] }));
    b.addEventListener("click", act);
  };
  button("drop", async () => {
    await forget(step);
    await redraw();
  });
  button("retry", async () => {
    const body = { ...step.body };
    if (body.saw && body.kind !== "answer") body.saw = { units: number(now) };
    await put({ ...step, body, key: newKey(), state: "waiting", tried: false });
    await send();
  });
  return item;
}

const storeHas = (b) => (b.kind === "pick" ? seen.get(`pick ${b.sku}`) : seen.get(`l-${b.platform}-${b.sku}`));

const number = (text) => (text === undefined || text === "" ? null : Number(text));

// ---- forms

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-step]")) {
    event.preventDefault();
    takeStep(form, event.submitter);
  } else if (form.id === "open") askDoor(event, form);
  else if (form.id === "leave") leave(event, form);
});

async function takeStep(form, submitter) {
  const data = new FormData(form);
  if (submitter?.name) data.set(submitter.name, submitter.value);
  const body = bodyOf(form, data);
  if (body.kind === "finish" && lacks(form, body)) return;
  await keep(body, labelOf(form, body));
  const away = body.kind === "close";
  if (body.kind === "count") return later();
  const sent = send();
  if (!away) return;
  await Promise.race([sent, new Promise((done) => setTimeout(done, retryMS))]);
  location.href = data.get("back");
}

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(send, settleMS);
}

function bodyOf(form, data) {
  const body = { kind: data.get("kind") };
  for (const name of ["cabinet", "platform", "sku", "answer", "why", "plan"]) if (data.get(name)) body[name] = data.get(name);
  const place = form.closest(".pick, .lanepanel");
  switch (body.kind) {
    case "pick": {
      body.units = Number(data.get("all") ?? data.get("units"));
      if (body.units < Number(place.dataset.planned)) body.short = data.get("short");
      body.saw = { units: number(place.dataset.picked) };
      break;
    }
    case "count": {
      const input = form.elements.units;
      body.units = Number(input.value) + (data.has("more") ? 1 : 0) - (data.has("less") ? 1 : 0);
      input.value = body.units;
      body.removed = Number(data.get("removed"));
      if (body.removed > 0) body.reason = data.get("reason");
      body.saw = { units: number(place.dataset.said) };
      break;
    }
    case "date": {
      const of = data.getAll("of");
      body.dates = data.getAll("until").map((until, i) => ({ until, units: Number(of[i]) })).filter((d) => d.until && d.units > 0);
      break;
    }
    case "stray":
      body.units = Number(data.get("units"));
      break;
    case "answer":
      body.saw = { units: number(place.dataset.asked), weighed: number(place.dataset.scales) };
      break;
    case "finish":
      body.rest = data.getAll("rest").map((sku) => ({
        sku, back: Number(data.get(`back-${sku}`)), kept: Number(data.get(`kept-${sku}`)), differ: data.has(`differ-${sku}`),
      }));
  }
  return body;
}

const labelOf = (form, b) =>
  [form.closest(".pick, .lanepanel, li")?.querySelector("b, h1")?.textContent ?? form.querySelector("button").textContent, b.units].filter((x) => x !== undefined).join(": ");

// lacks asks once more about numbers that differ from the books.
function lacks(form, body) {
  let open = false;
  for (const said of body.rest) {
    const row = form.querySelector(`input[name=rest][value="${CSS.escape(said.sku)}"]`).closest("li");
    const differs = said.back + said.kept !== Number(row.dataset.expected);
    row.classList.toggle("lacks", differs);
    open ||= differs && !said.differ;
  }
  document.getElementById("lacks").hidden = !open;
  return open;
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add]");
  if (add) {
    const input = add.parentElement.querySelector("input");
    input.value = Math.min(Math.max(Number(input.value) + Number(add.dataset.add), Number(input.min)), Number(input.max));
  }
  const scanner = event.target.closest("[data-scan]");
  if (scanner) scan(scanner.dataset.scan);
});

// ---- the door

// askDoor asks for the door once the store knows all that was done before. The form's key makes a second try the same opening.
async function askDoor(event, form) {
  event.preventDefault();
  document.getElementById("openfault").hidden = true;
  await send();
  const waiting = (await everything()).filter((s) => s.person === mine() && s.state === "waiting");
  if (waiting.length) return fault(bar.dataset.first);
  const { number: typed, code, compartment, key } = form.elements;
  if (!typed.value && !code.value) return typed.focus();
  const ask = { cabinet: here().dataset.cabinet };
  if (!code.value) ask.number = Number(typed.value);
  if (compartment) ask.compartment = Number(compartment.value);
  try {
    const answer = await fetch(`/api/v1/rounds/${here().dataset.round}/open`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key.value, "Accept-Language": document.documentElement.lang },
      body: JSON.stringify(ask),
    });
    if (!answer.ok) return fault((await answer.json()).title);
    await redraw();
  } catch {
    online = false;
    fault(bar.dataset.nodoor);
    await draw();
  }
}

function fault(text) {
  const e = document.getElementById("openfault");
  e.textContent = text;
  e.hidden = false;
}

// ---- codes: by the camera where the browser reads them, else typed

let watching = null;

async function scan(kind) {
  const dialog = document.getElementById("scan");
  dialog.dataset.kind = kind;
  write("scansaid", "");
  document.getElementById("typed").value = "";
  dialog.showModal();
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const eye = document.getElementById("eye");
  try {
    watching = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    eye.srcObject = watching;
    eye.hidden = false;
    await eye.play();
    const detector = new BarcodeDetector();
    while (watching && dialog.open) {
      const [code] = await detector.detect(eye);
      if (code && found(kind, code.rawValue)) dialog.close("read");
      await new Promise((done) => setTimeout(done, 150));
    }
  } catch {
    eye.hidden = true; // No camera, or not allowed: what stands under the code can be typed.
  }
}

function found(kind, code) {
  return kind === "cabinet" ? foundCabinet(code) : foundArticle(code);
}

function foundCabinet(code) {
  const [, cabinet] = code.split("/c/");
  if (cabinet === undefined && /^\d+$/.test(code)) {
    document.getElementById("number").value = code;
    return true;
  }
  if (cabinet !== here().dataset.cabinet) {
    write("scansaid", bar.dataset.wrong);
    fault(bar.dataset.wrong);
    return false;
  }
  document.getElementById("opencode").value = code;
  document.getElementById("openfault").hidden = true;
  document.getElementById("open").requestSubmit();
  return true;
}

// placeOf finds an article by its number or a bar code. Readers differ in the zeros before one.
function placeOf(code) {
  const plain = code.replace(/^0+/, "");
  return here()?.querySelector(`[data-codes~="${CSS.escape(code)}"]`) ?? (plain ? here()?.querySelector(`[data-codes~="${CSS.escape(plain)}"]`) : null);
}

function foundArticle(code) {
  const place = placeOf(code);
  if (!place) {
    write("scansaid", words("unknown", code));
    return false;
  }
  location.hash = place.dataset.lane ?? place.id;
  return true;
}

document.getElementById("scan")?.addEventListener("submit", (event) => {
  const code = document.getElementById("typed").value.trim();
  if (event.submitter?.value === "ok" && (code === "" || !found(event.currentTarget.dataset.kind, code))) event.preventDefault();
});

document.getElementById("scan")?.addEventListener("close", () => {
  for (const track of watching?.getTracks() ?? []) track.stop();
  watching = null;
  document.getElementById("eye").hidden = true;
});

// ---- signing out takes all of it away

function holds(waiting) {
  const e = document.getElementById("holds");
  if (!e) return;
  e.hidden = waiting === 0;
  e.textContent = words("holds", waiting);
  const button = document.querySelector("#leave button");
  button.dataset.plain ??= button.textContent;
  button.textContent = waiting ? words("discard", waiting) : button.dataset.plain;
}

async function leave(event, form) {
  if (form.dataset.free) return;
  event.preventDefault();
  form.dataset.free = "yes";
  await clearAll();
  form.requestSubmit();
}

async function clearAll() {
  await store("readwrite", (s) => s.clear());
  for (const name of (await caches?.keys?.()) ?? []) if (name === "walk-pages") await caches.delete(name);
}

// another restocker on this phone sees nothing of what was kept for the last one.
async function newReader() {
  const last = localStorage.getItem("walk-person");
  if (last && last !== mine()) await caches?.delete("walk-pages");
  localStorage.setItem("walk-person", mine());
}

// ---- keeping the pages of this round

let fetched = "";

async function keepPages() {
  const links = [...(here()?.querySelectorAll("a[data-cache]") ?? [])].map((a) => a.pathname);
  const mark = `${location.pathname} ${here()?.dataset.state} ${links}`;
  if (!links.length || mark === fetched || !("caches" in window)) return;
  fetched = mark;
  const cache = await caches.open("walk-pages");
  for (const path of [location.pathname, ...links]) {
    try {
      const answer = await fetch(path, { headers: { Accept: "text/html" } });
      if (answer.status === 200 && !answer.redirected) await cache.put(path, answer);
    } catch {
      fetched = "";
      return;
    }
  }
  document.body.dataset.kept = fetched;
}

// keepThis keeps the page as it is followed, so that it is found without network as it was seen last.
let keeping = 0;

function keepThis() {
  clearTimeout(keeping);
  if (!known && online) keeping = setTimeout(keepNow, keepMS, location.pathname);
}

async function keepNow(path) {
  try {
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    if (answer.status === 200 && !answer.redirected) await (await caches?.open("walk-pages"))?.put(path, answer);
  } catch {
    online = false; // It is kept as it was.
  }
}

async function begin() {
  document.body.classList.add("scripted");
  if (!here()) return;
  await newReader();
  const old = Date.now() - keptDays * 24 * 3600 * 1000;
  for (const step of await everything()) if (step.state === "sent" && step.at < old) await forget(step);
  taken();
  await navigator.serviceWorker?.register("/walk-worker.js", { scope: "/walk" }).catch(() => undefined);
  if (location.pathname !== "/walk/leave") await send();
  await keepPages();
}

document.addEventListener("taken", () => {
  taken();
  keepThis();
  keepPages();
});
addEventListener("online", send);
addEventListener("offline", () => {
  online = false;
  draw();
});
document.addEventListener("visibilitychange", () => document.hidden || send());
setInterval(async () => {
  const waiting = (await everything()).some((s) => s.state === "waiting" && s.person === mine());
  if (!document.hidden && (waiting || !online)) {
    if (waiting) await send();
    else await redraw();
  }
}, retryMS);
begin();
