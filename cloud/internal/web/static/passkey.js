// Lets a button ask the browser for a passkey. Without this script, or without passkeys, the button stays hidden and the code of an
// app does the same.
(() => {
  const json = window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential.parseRequestOptionsFromJSON;
  if (!json) return;

  async function send(path, body) {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.title);
    return said;
  }

  async function use(button) {
    const enrol = button.dataset.passkey === "enrol";
    const options = (await send("/staff/passkey/ask", { enrol })).publicKey;
    const made = enrol
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    const done = await send("/staff/passkey", { enrol, next: button.dataset.next, reply: made.toJSON() });
    location.assign(done.next);
  }

  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.setAttribute("aria-busy", "true");
      const say = document.querySelector("[data-passkey-say]");
      say.textContent = "";
      try {
        await use(button);
      } catch {
        say.textContent = button.dataset.failed;
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
  }
})();
