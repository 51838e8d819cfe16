// Lets a button ask the browser for a passkey. The button has its place from the start, so that nothing moves when it can be pressed;
// without passkeys it says so, and the code of an app does the same.
(() => {
  const json = window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential.parseRequestOptionsFromJSON;

  async function send(path, body) {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.title), { told: said.type?.endsWith("/bad_password") ? said.title : "" });
    return said;
  }

  async function use(asked) {
    const enrol = asked.dataset.passkey === "enrol";
    const own = asked.querySelector("[name=own]")?.value ?? "";
    const options = (await send("/staff/passkey/ask", { enrol, own })).publicKey;
    const made = enrol
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    const done = await send("/staff/passkey", { enrol, next: asked.dataset.next, reply: made.toJSON() });
    location.assign(done.next);
  }

  // A button asks at once, a form when it is sent with the password.
  for (const asked of document.querySelectorAll("[data-passkey]")) {
    const button = asked.querySelector("button") ?? asked;
    if (!json) {
      button.textContent = asked.dataset.none;
      continue;
    }
    button.disabled = false;
    asked.addEventListener(asked.tagName === "FORM" ? "submit" : "click", async (event) => {
      event.preventDefault();
      button.setAttribute("aria-busy", "true");
      const say = document.querySelector("[data-passkey-say]");
      say.textContent = "";
      try {
        await use(asked);
      } catch (failed) {
        say.textContent = failed.told || asked.dataset.failed;
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
  }
})();
