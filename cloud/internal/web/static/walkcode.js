// Finds articles and cabinets by their codes: read by the camera, or typed, as a whole or by their last digits.

const glanceMS = 150;
const fewestDigits = 4; // that tell an article from the others of a page

let watching = null;

async function scan(kind) {
  const dialog = document.getElementById("scan");
  dialog.dataset.kind = kind;
  write("scansaid", "");
  document.getElementById("typed").value = "";
  dialog.showModal();
  const read = await readerOf(kind);
  if (!read) return write("scansaid", bar.dataset[kind === "cabinet" ? "nosquare" : "nocamera"]);
  const eye = document.getElementById("eye");
  try {
    watching = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    eye.srcObject = watching;
    eye.hidden = false;
    await eye.play();
    while (watching && dialog.open) {
      const code = await read(eye);
      if (code && dialog.open && found(kind, code)) dialog.close("read");
      await new Promise((done) => setTimeout(done, glanceMS));
    }
  } catch {
    eye.hidden = true;
    write("scansaid", bar.dataset.nocamera);
  }
}

// readerOf is what reads a code off the camera's picture: the browser itself where it can, else, of articles, this script. Nothing
// where nobody can.
async function readerOf(kind) {
  if (!navigator.mediaDevices) return null;
  const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats().catch(() => []) : [];
  if (formats.length) {
    const detector = new BarcodeDetector();
    return async (eye) => (await detector.detect(eye))[0]?.rawValue;
  }
  return kind === "cabinet" ? null : barReader();
}

function found(kind, code) {
  return kind === "cabinet" ? foundCabinet(code) : foundArticle(code);
}

function foundCabinet(code) {
  const [, cabinet] = code.split("/c/");
  if (cabinet === undefined && /^\d+$/.test(code)) {
    document.getElementById("number").value = code;
    return true;
  }
  if (cabinet !== here().dataset.cabinet) {
    write("scansaid", bar.dataset.wrong);
    fault(bar.dataset.wrong);
    return false;
  }
  document.getElementById("opencode").value = code;
  document.getElementById("openfault").hidden = true;
  document.getElementById("open").requestSubmit();
  return true;
}

// placeOf finds an article by its number or a bar code, or by the last digits of one where they are of one article alone. Readers
// differ in the zeros before a code.
function placeOf(code) {
  const places = [...(here()?.querySelectorAll("[data-codes]") ?? [])];
  const by = (fits) => places.filter((e) => e.dataset.codes.split(" ").some(fits));
  const plain = code.replace(/^0+/, "");
  const [place] = by((c) => c === code || (plain && c === plain));
  if (place || code.length < fewestDigits || !/^\d+$/.test(code)) return place;
  const ends = by((c) => c.endsWith(code));
  return ends.every((e) => e.dataset.code === ends[0].dataset.code) ? ends[0] : undefined;
}

function foundArticle(code) {
  const place = placeOf(code);
  if (!place) {
    write("scansaid", words("unknown", code));
    return false;
  }
  location.hash = place.dataset.lane ?? place.id;
  return true;
}

document.getElementById("scan")?.addEventListener("submit", (event) => {
  const code = document.getElementById("typed").value.trim();
  if (event.submitter?.value === "ok" && (code === "" || !found(event.currentTarget.dataset.kind, code))) event.preventDefault();
});

document.getElementById("scan")?.addEventListener("close", () => {
  for (const track of watching?.getTracks() ?? []) track.stop();
  watching = null;
  document.getElementById("eye").hidden = true;
});
