// Makes steps of the forms of a page.

const settleMS = 700; // of taps on plus and minus, which are one step together

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
  if (body.kind === "hand" && unexplained(form, body)) return;
  if (body.kind === "close") {
    body.photos = await photosKept(body.cabinet);
    if (!body.why && unseen(body.photos)) return;
  }
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
    case "hand": {
      Object.assign(body, { store: data.get("store"), way: data.get("way") });
      const hands = data.getAll("hand").map((sku) => ({ sku, units: Number(data.get(`units-${sku}`)), reason: data.get(`reason-${sku}`) || undefined }));
      if (hands.length) body.hands = hands;
      break;
    }
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

// unexplained asks why another number is handed over than was due; the store would ask too.
function unexplained(form, body) {
  let open = false;
  for (const said of body.hands ?? []) {
    const row = form.querySelector(`input[name=hand][value="${CSS.escape(said.sku)}"]`).closest("li");
    const differs = said.units !== Number(row.dataset.due);
    if (!differs) said.reason = undefined;
    const lacks = differs && (!said.reason || (said.reason === "other" && !body.why));
    row.classList.toggle("lacks", lacks);
    open ||= lacks;
  }
  const note = form.querySelector(".trouble");
  if (note) note.hidden = !open;
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
