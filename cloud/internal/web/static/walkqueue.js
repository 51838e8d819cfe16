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

// keep puts a step into the queue; one more tap on a number that was not sent yet changes that one.
async function keep(body, label, photo) {
  const all = await everything();
  const last = all.findLast((s) => s.round === here().dataset.round && s.person === mine() && samePlace(s.body, body));
  if (last?.state === "waiting" && !last.tried && (body.kind === "count" || body.kind === "pick")) {
    await put({ ...last, body: { ...body, saw: last.body.saw }, label });
  } else {
    await put({ round: here().dataset.round, person: mine(), key: newKey(), body, label, photo, at: Date.now(), state: "waiting" });
  }
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
  for (const step of photosLast(await everything())) {
    if (step.state !== "waiting" || step.person !== mine()) continue;
    await put({ ...step, tried: true });
    const went = await sendOne({ ...step, tried: true });
    if (!went) break;
    moved = true;
  }
  if (moved) await redraw();
  else await draw();
}

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
