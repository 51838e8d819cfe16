// The page as the store has it, with what is kept on this phone laid over it.

let known = false; // the page that is being taken is kept already
let seen = new Map(); // what the store has said of each place, before what is kept here is laid over it

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
  layPhotos(all.filter((s) => s.round === here().dataset.round && s.person === mine() && s.state === "waiting"));
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
    panel.dataset.takes = out;
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
  hand(b) {
    by("data-stop", `${b.way} ${b.store}`)?.classList.add("done", "kept");
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
