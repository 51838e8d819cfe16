// Answers for the restocker's pages where there is no network: pages come from the network where there is one, else as they were
// last seen on this phone. It keeps nothing but these pages and the files that they are shown with.

const files = ["shell"];
const build = "build";
const shell = "walk-shell-" + build;
const pages = "walk-pages";
const patienceMS = 4000; // a line that takes longer is none, where the page is kept here

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("walk-shell-") && name !== shell) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (files.includes(url.pathname)) event.respondWith(kept(event.request));
  else if (event.request.mode === "navigate" && (url.pathname === "/walk" || url.pathname.startsWith("/walk/"))) event.respondWith(page(event, url));
});

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(event, url) {
  const cache = await caches.open(pages);
  const old = await cache.match(url.pathname);
  const fresh = fetch(event.request).then(async (answer) => {
    if (answer.status === 200 && url.pathname !== "/walk/leave") await cache.put(url.pathname, answer.clone());
    return answer;
  });
  if (!old) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  const late = new Promise((done) => setTimeout(done, patienceMS));
  try {
    return (await Promise.race([fresh, late])) ?? old;
  } catch {
    return old;
  }
}
