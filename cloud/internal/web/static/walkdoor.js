// Asks for a door once the store knows all that was done before.

// askDoor asks for the door once the store knows all that was done before. The form's key makes a second try the same opening.
async function askDoor(event, form) {
  event.preventDefault();
  document.getElementById("openfault").hidden = true;
  await send();
  const waiting = (await everything()).filter((s) => s.person === mine() && s.state === "waiting" && !s.photo);
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
