// The round that a page of the restocker's shows, and what all of these scripts know of the line and of the reader.

const retryMS = 5000;

const bar = document.getElementById("sync");

const here = () => document.getElementById("round");
const mine = () => here()?.dataset.person ?? "";
const words = (name, ...args) => args.reduce((text, a, i) => text.replace(`{${i + 1}}`, a), bar.dataset[name]);
const by = (attribute, value) => here()?.querySelector(`[${attribute}="${CSS.escape(value)}"]`);
const number = (text) => (text === undefined || text === "" ? null : Number(text));

let online = true;
let signedOut = false;

function write(id, text) {
  const e = document.getElementById(id);
  if (e.textContent !== text) e.textContent = text;
}
