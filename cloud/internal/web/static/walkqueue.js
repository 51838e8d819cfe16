// Keeps each step on this phone first, under a key made here, and sends them in order when there is a line.

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

// change looks at all that is kept and writes what follows from it in one piece: neither a second tap nor the line comes between.
async function change(work) {
  const tx = (await opened).transaction("steps", "readwrite");
  const steps = tx.objectStore("steps");
  const ask = steps.getAll();
  let result;
  ask.onsuccess = () => (result = work(ask.result, (step) => steps.put(step)));
  return new Promise((done, fail) => {
    tx.oncomplete = () => done(result);
    tx.onerror = tx.onabort = () => fail(tx.error);
  });
}

// keep puts a step into the queue; one more tap on a number that was not sent yet changes that one. While the one before is on its
// way the next one has seen what that says.
async function keep(body, label, photo) {
  const round = here().dataset.round;
  const person = mine();
  await change((all, write) => {
    const last = all.findLast((s) => s.round === round && s.person === person && samePlace(s.body, body));
    const again = last?.state === "waiting" && (body.kind === "count" || body.kind === "pick");
    if (again && !last.tried) return write({ ...last, body: { ...body, saw: last.body.saw }, label });
    if (again) body.saw = { units: last.body.units - (last.body.removed ?? 0) };
    return write({ round, person, key: newKey(), body, label, photo, at: Date.now(), state: "waiting" });
  });
  await draw();
}

const samePlace = (a, b) => a.kind === b.kind && a.cabinet === b.cabinet && a.platform === b.platform && a.sku === b.sku;

let sending = null;

function send() {
  sending ??= (navigator.locks ? navigator.locks.request("walk-send", sendAll) : sendAll()).finally(() => (sending = null));
  return sending;
}

async function sendAll() {
  let moved = false;
  for (let step = await nextStep(); step && (await sendOne(step)); step = await nextStep()) moved = true;
  if (moved) await redraw();
  else await draw();
}

// nextStep is the next that waits, as it is now: while another one was on its way a number may have been changed.
const nextStep = () =>
  change((all, write) => {
    const next = photosLast(all).find((s) => s.state === "waiting" && s.person === mine());
    if (!next) return undefined;
    write({ ...next, tried: true });
    return { ...next, tried: true };
  });

// photosLast lets no step wait for a picture, which takes longer than all of them.
const photosLast = (steps) => [...steps.filter((s) => !s.photo), ...steps.filter((s) => s.photo)];

const stepRequest = (step) => [`/api/v1/rounds/${step.round}/steps`, "application/json", JSON.stringify(step.body)];

async function sendOne(step) {
  let answer;
  try {
    const [path, type, body] = step.photo ? photoRequest(step) : stepRequest(step);
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": type, "Idempotency-Key": step.key, "Accept-Language": document.documentElement.lang },
      body,
    });
    online = true;
    signedOut = answer.status === 401;
    if (signedOut || answer.status === 429 || answer.status >= 500) return false;
    const told = await answer.json();
    if (answer.ok && step.photo) await put({ ...step, state: "sent", photo: undefined });
    else if (answer.ok) await put({ ...step, state: "sent", number: told.steps.findIndex((s) => s.key === step.key) + 1 });
    else await put({ ...step, state: "refused", problem: told.title });
    return true;
  } catch {
    online = answer !== undefined;
    return false;
  }
}
