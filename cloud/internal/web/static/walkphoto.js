// Photos of what is thrown away. They are made small before they are kept: of a phone's own nobody needs the twentieth part, and
// what it writes beside them, such as where they were taken, goes no farther.

const longestPX = 1280;
const photoQuality = 0.8;

async function shrunk(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, longestPX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", photoQuality));
  if (!small) throw new Error("no picture");
  return small.arrayBuffer();
}

// takePhoto keeps a photo like any other step, and sends it after those.
async function takePhoto(form) {
  const [file] = form.elements.photo.files;
  if (!file) return;
  const note = form.querySelector(".photoskept");
  let photo;
  try {
    photo = await shrunk(file);
  } catch {
    note.textContent = bar.dataset.nophoto;
    return;
  } finally {
    form.reset();
  }
  const data = new FormData(form);
  const body = { kind: "photo", cabinet: data.get("cabinet"), platform: data.get("platform"), sku: data.get("sku") };
  const name = form.closest(".lanepanel").querySelector("h1").textContent;
  await keep(body, `${name}: ${bar.dataset.photo}`, photo);
  await send();
}

// photoRequest is how a photo is sent.
function photoRequest(step) {
  const { cabinet, platform, sku } = step.body;
  return [`/api/v1/rounds/${step.round}/photos?${new URLSearchParams({ cabinet, platform, sku })}`, "image/jpeg", step.photo];
}

// layPhotos tells at each lane how many photos of it have not reached the store.
function layPhotos(waiting) {
  for (const note of here().querySelectorAll(".photoskept")) {
    const panel = note.closest(".lanepanel").id;
    const count = waiting.filter((s) => s.photo && here().dataset.cabinet === s.body.cabinet && panel === `l-${s.body.platform}-${s.body.sku}`).length;
    note.textContent = count ? words("photos", count) : "";
  }
}

// photosKept are the lanes of a cabinet of which photos wait on this phone.
async function photosKept(cabinet) {
  const own = (s) => s.photo && s.state === "waiting" && s.person === mine() && s.round === here().dataset.round && s.body.cabinet === cabinet;
  return (await everything()).filter(own).map(({ body }) => ({ cabinet, platform: body.platform, sku: body.sku }));
}

// unseen names the lanes of which something is thrown away without a photo, where the chain wants one; the store would refuse it too.
function unseen(kept) {
  const has = (e) => e.querySelector(".photos a") || kept.some((p) => e.id === `l-${p.platform}-${p.sku}`);
  const lanes = "shown" in here().dataset ? [...here().querySelectorAll(".lanepanel")].filter((e) => Number(e.dataset.takes) > 0 && !has(e)) : [];
  const note = document.getElementById("unseen");
  note.hidden = lanes.length === 0;
  note.querySelector("span").replaceChildren(...lanes.map((e) => Object.assign(document.createElement("a"), { className: "line", href: `#${e.id}`, textContent: e.querySelector("h1").textContent })));
  return lanes.length > 0;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-photo] input[type=file]")) takePhoto(event.target.form);
});
