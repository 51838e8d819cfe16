// The bar that tells what is kept, what has reached the store, and what the store refuses: that stays in sight, with what the store
// has instead, until a person decides.

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

// storeHas is what the store has said of the place of a step; undefined where it says nothing of such steps.
function storeHas(body) {
  if (body.kind === "photo") return undefined;
  return seen.get(body.kind === "pick" ? `pick ${body.sku}` : `l-${body.platform}-${body.sku}`);
}
