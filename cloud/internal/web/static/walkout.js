// Signing out takes all away that is kept on this phone.

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
