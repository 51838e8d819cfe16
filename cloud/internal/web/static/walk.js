// Lets a restocker work where there is no network: pages are kept by the worker, steps by the queue, and nothing else is kept.

const keepMS = 500; // that a page stands still before it is kept anew
const keptDays = 3; // of steps that have reached the store, which are only counted

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
  navigator.storage?.persist?.().catch(() => undefined); // Else a phone that is full may throw away what has not been sent.
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
