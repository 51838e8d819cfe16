// Package walk follows a restocker through a round in a browser of a phone's size, through the built programs: from the shelf over
// the cabinets' doors and scales to the books, with and without network.
package walk

import (
	"testing"

	"github.com/chromedp/chromedp"

	"allhours/firmware-sim/e2e/chromium"
	"allhours/firmware-sim/phone"
)

const (
	water = "1001"

	waterBars = "2000000010014" // that the camera sees
	tea       = "1203"
	bread     = "3002"
	milk      = "2001"
)

// brings puts new goods on a platform.
func brings(platform, sku string, qty int) []phone.Action {
	return []phone.Action{{Do: "bring", SKU: sku, Qty: qty}, {Do: "put", Platform: platform, SKU: sku, Qty: qty, AfterMS: 900}}
}

func TestARestockerWalksARoundWithAndWithoutNetwork(t *testing.T) {
	browser := chromium.Start(t, chromium.Camera(t, waterBars)...)
	s := openStore(t)
	id := s.plans(
		line{"xs-01", "S1", tea, 3}, line{"xs-01", "S2", water, 2}, line{"xs-01", "S3", bread, 2},
		line{"xs-02", "S1", water, 4}, line{"xs-02", "S3", milk, 3},
	)
	w := newHandset(t, browser, s.Service, "the restocker")
	w.signsIn(s, "restocker")
	w.shot("01-rounds")
	w.taps(`.stops a.stop`)
	w.until("the round is shown", `location.pathname === "/walk/`+id+`"`)
	w.until("it says how many of each, within the screen", `[...document.querySelectorAll(".pick .count")].every((e) => {
		const text = document.createRange();
		text.selectNodeContents(e);
		return text.getBoundingClientRect().right <= innerWidth && e.textContent !== "";
	})`)
	w.shot("02-planned")

	w.picks(s, id)
	w.refusesTheWrongCabinet(s)
	w.fills(s)
	w.leavesOutTheSecond(s)
	w.comesHome(s, id)
	w.counts(s)
	w.crosses(s)
	s.sound()

	s.plans(line{"xs-01", "S1", tea, 3}, line{"xs-02", "S3", milk, 2})
	s.ctl(s.password, "user", "add", "--name", "zhou", "--role", "restocker", "--password-stdin")
	z := newHandset(t, browser, s.Service, "zhou")
	w.meets(s, z)
	w.quiet()
	z.quiet()
}

func (h *handset) signsIn(s *store, name string) {
	h.Helper()
	h.goes("/staff/signin")
	h.types("#name", name)
	h.types("#password", s.password)
	h.taps(`form:has(#password) button`)
	h.until("today's rounds are shown", `location.pathname === "/walk" && document.body.classList.contains("scripted") && !!document.querySelector(".stop")`)
}

// picks goes along the shelf; half of it without network, through a reload, and as far as out of the door.
func (h *handset) picks(s *store, id string) {
	h.Helper()
	h.taps(`form[data-when=planned] button`)
	h.until("picking has begun", `document.querySelector("#round")?.dataset.state === "picking"`)
	h.taps(`#p-` + tea + ` button[name=all]`)
	h.until("the store has it", `document.querySelector("#p-`+tea+`").matches(".got:not(.kept)")`)
	h.taps(`[data-when=picking] [data-scan=sku]`)
	h.until("the camera has read the article's code", `location.hash === "#p-`+water+`" && !document.querySelector("#scan").open`)
	h.until("the camera is taken away", `(navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error("none")), true)`)
	h.taps(`[data-when=picking] [data-scan=sku]`)
	h.until("it is told what to do instead", `document.querySelector("#scansaid").textContent !== ""`)
	h.types("#typed", "0029") // the last digits of the bread's
	h.shot("03-scan")
	h.taps(`#scan button[value=ok]`)
	h.until("the article is in sight", `location.hash === "#p-`+bread+`"`)
	h.until("all pages of the round are kept", `!!document.body.dataset.kept`)

	h.airplane(true)
	h.taps(`#p-` + water + ` button[name=all]`)
	h.until("it is kept", `document.querySelector("#p-`+water+`").matches(".got.kept")`)
	h.taps(`#p-` + bread + ` summary`)
	h.until("there is room for a number", `document.querySelector("#p-`+bread+` .less input").getBoundingClientRect().width >= 100`)
	h.taps(`#p-` + bread + ` [data-add="1"]`)
	h.taps(`#p-` + bread + ` .less .wide`)
	h.until("one of two breads is kept", `document.querySelector("#p-`+bread+`").matches(".part.kept")`)
	h.taps(`#p-` + milk + ` button[name=all]`)
	h.until("it is kept", `document.querySelector("#p-`+milk+`").matches(".got.kept")`)
	h.shot("04-picked-in-the-basement")
	h.do(chromedp.Reload())
	h.until("nothing was lost", `document.querySelectorAll(".pick.kept").length === 3`)
	h.shot("05-reloaded-in-the-basement")
	h.taps(`form[data-when=picking] button.tall`)
	h.until("the way is shown", `document.querySelector("#round").dataset.state === "under_way"`)
	h.shot("06-left-in-the-basement")
	if got := s.steps(id); got["pick "+water] != 0 || got["depart"] != 0 {
		h.Fatalf("without network the store has %v", got)
	}
	h.airplane(false)
	h.until("all of it has arrived", `document.querySelector("#asleep").textContent === "" && document.getElementById("saved").textContent.match(/\d+/)[0] === document.getElementById("reached").textContent.match(/\d+/)[0]`)
	got := s.steps(id)
	for _, what := range []string{"start", "pick " + tea, "pick " + water, "pick " + bread, "pick " + milk, "depart"} {
		if got[what] != 1 {
			h.Errorf("%s arrived %d times: %v", what, got[what], got)
		}
	}
	h.shot("07-under-way")
}

func (h *handset) refusesTheWrongCabinet(s *store) {
	h.Helper()
	h.taps(`[data-stop="xs-01"]`)
	h.until("the stop is shown", `!!document.querySelector("#open") && document.body.classList.contains("scripted")`)
	h.shot("08-stop")
	h.types("#number", "2")
	h.taps(`#open button.tall`)
	h.until("it is told", `document.querySelector("#openfault")?.checkVisibility()`)
	h.shot("09-wrong-number")
	h.taps(`[data-scan=cabinet]`)
	h.types("#typed", h.wire.address()+"/c/xs-02")
	h.taps(`#scan button[value=ok]`)
	h.until("it is told", `document.querySelector("#scansaid").textContent !== ""`)
	h.shot("10-wrong-code")
	h.taps(`#scan button[value=no]`)
	for _, cabinet := range s.Cabinets {
		if truth, err := s.Truth(s.Context(), cabinet); err != nil || len(truth.Openings) != 0 {
			h.Errorf("%s was opened: %+v, %v", cabinet, truth.Openings, err)
		}
	}
}

const doorOpen = `!!document.querySelector(".doorword.amber") && !document.querySelector("#open")`

// opens the door by the number that is read off the cabinet, and pulls it.
func (h *handset) opens(s *store, cabinet, number string) {
	h.Helper()
	h.types("#number", number)
	h.taps(`#open button.tall`)
	s.pulls(cabinet)
	h.until("the page says so", doorOpen)
}

// shuts the door, and waits for the scales' last word.
func (h *handset) shuts(s *store, cabinet string) {
	h.Helper()
	s.hands(cabinet, phone.Action{Do: "shut", AfterMS: 900})
	h.until("the scales have counted", `!!document.querySelector("#open")`)
}

func lane(platform, sku, what string) string {
	return `document.querySelector("#l-` + platform + `-` + sku + `")` + what
}

// fills goes from lane to lane: one agrees, one does not, and one is counted in the basement.
func (h *handset) fills(s *store) {
	h.Helper()
	h.opens(s, "xs-01", "1")
	s.hands("xs-01", brings("S1", tea, 3)...)
	h.taps(`[data-lane="l-S1-` + tea + `"]`)
	h.until("the scales tell of it while the door is open", lane("S1", tea, `.matches(".agree") && `+lane("S1", tea, `.dataset.weighed === "3"`)))
	h.shot("11-lane-agrees")
	h.taps(`#l-S1-` + tea + ` .crumb a`)
	s.hands("xs-01", brings("S2", water, 1)...)
	h.taps(`[data-lane="l-S2-` + water + `"]`)
	h.taps(`#l-S2-` + water + ` .note`)
	h.until("two were said, one is there", lane("S2", water, `.matches(".ask") && `+lane("S2", water, `.dataset.weighed === "1"`)))
	h.shot("12-lane-differs-live")
	h.shuts(s, "xs-01")
	h.until("it is asked", lane("S2", water, `.querySelectorAll("form [value=scales]").length === 1`))
	h.shot("13-lane-asks")
	h.taps(`#l-S2-` + water + ` form:has([value=scales]) button`)
	h.until("it is answered", lane("S2", water, `.matches(".agree:not(.kept)")`))
	h.taps(`#l-S2-` + water + ` .crumb a`)
	h.shot("14-stop-after-the-door")

	h.opens(s, "xs-01", "1")
	s.hands("xs-01", brings("S3", bread, 1)...)
	h.until("the second opening is told too", lane("S3", bread, `.dataset.weighed === "1"`))
	h.shuts(s, "xs-01")
	h.until("the breads agree", lane("S3", bread, `.matches(".agree")`))
	h.shot("15-second-opening")
	h.until("the page is kept as it is", `(caches.match(location.pathname).then((r) => r?.text()).then((t) => { window.found = t; }), /id="l-S3-`+bread+`"[^>]*data-weighed="1"/.test(window.found ?? ""))`)

	h.changesItsMind()
	h.airplane(true)
	h.taps(`#l-S3-` + bread + ` .note`)
	h.until("the count is kept", lane("S3", bread, `.matches(".kept")`))
	h.do(chromedp.Reload())
	h.until("nothing was lost", lane("S3", bread, `.matches(".kept") && `+lane("S3", bread, `.dataset.said === "1"`)+` && `+lane("S3", bread, `.dataset.weighed === "1"`)))
	h.photographs(bread)
	h.shot("16-counted-in-the-basement")
	h.airplane(false)
	h.until("it has arrived", lane("S3", bread, `.matches(".agree:not(.kept)")`))
	h.until("the photo has arrived after it", lane("S3", bread, `.querySelectorAll(".photos a").length === 1`))
	h.until("it is a small picture", `(fetch(document.querySelector("#l-S3-`+bread+` .photos a").href).then((r) => r.blob()).then(createImageBitmap).then((p) => { window.photo = [p.width, p.height]; }), window.photo?.[0] === 1280 && window.photo?.[1] === 640)`)
	h.taps(`#l-S3-` + bread + ` .crumb a`)
	h.taps(`form:has([value=close]) button.tall`)
	h.until("the stop is over", `!!document.querySelector('[data-stop="xs-01"].done:not(.kept)')`)
	h.shot("17-stop-done")
}

// changesItsMind about a number that waits behind another one, which is on its way: what was said last counts.
func (h *handset) changesItsMind() {
	h.Helper()
	h.airplane(true)
	h.taps(`[data-lane="l-S1-` + tea + `"]`)
	h.taps(`#l-S1-` + tea + ` .note`)
	h.until("the first count is kept", lane("S1", tea, `.matches(".kept")`))
	h.taps(`#l-S1-` + tea + ` .crumb a`)
	h.taps(`[data-lane="l-S3-` + bread + `"]`)
	h.types(`#l-S3-`+bread+` input[name=units]`, "2")
	h.taps(`#l-S3-` + bread + ` .note`)
	h.until("two are kept", lane("S3", bread, `.dataset.said === "2"`))
	h.until("the line will be slow", `(() => {
		const ask = window.fetch;
		let held = false;
		window.fetch = (path, how) => {
			if (held || how?.method !== "POST") return ask(path, how);
			held = true;
			return new Promise((done) => { window.release = () => done(ask(path, how)); });
		};
		return true;
	})()`)
	h.airplane(false)
	h.until("the first is on its way", `typeof window.release === "function"`)
	h.taps(`#l-S3-` + bread + ` [name=less]`)
	h.until("one is kept", lane("S3", bread, `.dataset.said === "1"`))
	h.until("the first has arrived", `(window.release(), true)`)
	h.until("the store has what was said last", lane("S3", bread, `.matches(".agree:not(.kept)") && `+lane("S3", bread, `.dataset.said === "1"`)))
}

// photographs what is thrown away, larger than it is kept; the photo waits on the phone like any step.
func (h *handset) photographs(sku string) {
	h.Helper()
	h.until("a photo is taken", `(() => {
		const input = `+lane("S3", sku, `.querySelector("[data-photo] input[type=file]")`)+`, files = new DataTransfer();
		if (!input?.checkVisibility()) return false;
		const canvas = Object.assign(document.createElement("canvas"), { width: 2000, height: 1000 });
		canvas.getContext("2d").fillRect(0, 0, 900, 400);
		const raw = atob(canvas.toDataURL("image/png").split(",")[1]);
		files.items.add(new File([Uint8Array.from(raw, (c) => c.charCodeAt(0))], "photo.png", { type: "image/png" }));
		input.files = files.files;
		input.dispatchEvent(new Event("change", { bubbles: true }));
		return true;
	})()`)
	h.until("it is kept", lane("S3", sku, `.querySelector(".photoskept").textContent !== ""`))
	h.do(chromedp.Reload())
	h.until("it was not lost", lane("S3", sku, `.querySelector(".photoskept").textContent !== ""`))
}

// counts the tea of the first cabinet while its door is open: the scales follow what is taken in the hand.
func (h *handset) counts(s *store) {
	h.Helper()
	id := s.plansCount("xs-01", "S1", tea)
	h.goes("/walk/" + id)
	h.taps(`form[data-when=planned] button`)
	h.taps(`[data-stop="xs-01"]`)
	h.opens(s, "xs-01", "1")
	h.taps(`[data-lane="l-S1-` + tea + `"]`)
	scales := lane("S1", tea, `.querySelector(".scales").textContent.trim()`)
	h.until("it says what the scales saw last", `(window.before = Number(`+scales+`)) > 0`)
	s.hands("xs-01", phone.Action{Do: "take", Platform: "S1", SKU: tea, Qty: 2})
	h.until("the scales see two less", `Number(`+scales+`) === window.before - 2`)
	h.shot("25-count-live")
	s.hands("xs-01", phone.Action{Do: "put", Platform: "S1", SKU: tea, Qty: 2})
	h.until("the scales see all of it again", `Number(`+scales+`) === window.before`)
	h.taps(`#l-S1-` + tea + ` .note`)
	h.until("the count agrees", lane("S1", tea, `.matches(".agree:not(.kept)")`))
	h.shuts(s, "xs-01")
	h.taps(`#l-S1-` + tea + ` .crumb a`)
	h.taps(`form:has([value=close]) button.tall`)
	h.until("the stop is over", `!!document.querySelector('[data-stop="xs-01"].done:not(.kept)')`)
	h.taps(`.van button.tall`)
	h.until("the count is over", `document.querySelector("#round").dataset.state === "done"`)
	h.until("the store knows", `document.getElementById("saved").textContent.match(/\d+/)[0] === document.getElementById("reached").textContent.match(/\d+/)[0]`)
	h.shot("26-count-done")
	if r := s.round(id); r.State != "done" {
		h.Errorf("the count is %s", r.State)
	}
}

// crosses the town: water goes to another store, and of two breads that are fetched there one is found, in a basement.
func (h *handset) crosses(s *store) {
	h.Helper()
	id := s.plansLegs(leg{"shixin", "take", water, 3}, leg{"shixin", "fetch", bread, 2})
	h.goes("/walk/" + id)
	h.taps(`form[data-when=planned] button`)
	h.taps(`#p-` + water + ` button[name=all]`)
	h.until("the store has it", `document.querySelector("#p-`+water+`").matches(".got:not(.kept)")`)
	h.taps(`form[data-when=picking] button.tall`)
	h.until("the way is shown", `document.querySelector("#round").dataset.state === "under_way"`)
	h.shot("27-other-store")
	h.taps(`[data-stop="take shixin"] .hands button`)
	h.until("the water is handed over", `!!document.querySelector('[data-stop="take shixin"].done:not(.kept)')`)
	h.airplane(true)
	h.types(`[name="units-`+bread+`"]`, "1")
	h.taps(`[data-stop="fetch shixin"] .hands button`)
	h.until("it asks why", `document.querySelector('[data-stop="fetch shixin"] .trouble').checkVisibility()`)
	h.shot("28-one-is-missing")
	h.until("it is told", `(document.querySelector('[name="reason-`+bread+`"]').value = "gone", true)`)
	h.taps(`[data-stop="fetch shixin"] .hands button`)
	h.until("it is kept", `!!document.querySelector('[data-stop="fetch shixin"].done.kept')`)
	h.airplane(false)
	h.until("the bread is in the van", `!!document.querySelector('[data-stop="fetch shixin"].done:not(.kept)')`)
	h.shot("29-handed-over")
	h.taps(`.van button.tall`)
	h.until("the round is over", `document.querySelector("#round").dataset.state === "done"`)
	h.until("the store knows", `document.getElementById("saved").textContent.match(/\d+/)[0] === document.getElementById("reached").textContent.match(/\d+/)[0]`)
	r := s.round(id)
	if len(r.Legs) != 2 || *r.Legs[0].Handed != 3 || *r.Legs[1].Handed != 1 || r.Legs[1].Reason != "gone" || r.State != "done" {
		h.Errorf("the round is %s, its legs %+v", r.State, r.Legs)
	}
}

func (h *handset) leavesOutTheSecond(s *store) {
	h.Helper()
	h.taps(`[data-stop="xs-02"]`)
	h.taps(`.skip summary`)
	h.types("#skipwhy", "the gate is locked")
	h.shot("18-skip")
	h.taps(`.skip form button`)
	h.until("every stop is over", `document.querySelectorAll(".stop.done:not(.kept)").length === 2`)
}

// comesHome with the second cabinet's goods and one bottle of water that the first did not take.
func (h *handset) comesHome(s *store, id string) {
	h.Helper()
	h.shot("19-home")
	h.types(`[name="back-`+milk+`"]`, "1")
	h.types(`[name="kept-`+milk+`"]`, "1")
	h.taps(`.van button.tall`)
	h.until("it asks about the milk", `document.querySelector("#lacks").checkVisibility()`)
	h.shot("20-lacks")
	h.taps(`label:has([name="differ-` + milk + `"])`)
	h.taps(`.van button.tall`)
	h.until("the round is over", `document.querySelector("#round").dataset.state === "done"`)
	h.until("the store knows", `document.getElementById("saved").textContent.match(/\d+/)[0] === document.getElementById("reached").textContent.match(/\d+/)[0]`)
	h.shot("21-done")
	r := s.round(id)
	want := map[string][3]int{water: {5, 5, 0}, milk: {3, 1, 1}}
	for _, x := range r.Rest {
		if got := [3]int{x.Expected, x.Back, x.Kept}; got != want[x.SKU] && got != [3]int{} {
			h.Errorf("left of %s: %v, want %v", x.SKU, got, want[x.SKU])
		}
		delete(want, x.SKU)
	}
	if len(want) > 0 || r.State != "done" {
		h.Errorf("the round is %s, left nothing of %v", r.State, want)
	}
}

// meets another restocker on the same round: what the other one picked without network is not put in the place of what this one
// picked meanwhile, until a person says so.
func (h *handset) meets(s *store, z *handset) {
	h.Helper()
	h.goes("/walk")
	h.taps(`.stops a.stop:not(.done)`)
	h.taps(`form[data-when=planned] button`)
	h.until("picking has begun", `document.querySelector("#round")?.dataset.state === "picking"`)
	z.signsIn(s, "zhou")
	z.taps(`.others summary`)
	z.shot("22-rounds-of-others")
	z.taps(`.others a.stop`)
	z.until("the round is shown", `!!document.querySelector("#p-`+tea+`") && document.body.classList.contains("scripted")`)

	z.airplane(true)
	z.taps(`#p-` + tea + ` button[name=all]`)
	z.until("it is kept", `document.querySelector("#p-`+tea+`").matches(".got.kept")`)
	h.taps(`#p-` + tea + ` summary`)
	h.taps(`#p-` + tea + ` [data-add="1"]`)
	h.taps(`#p-` + tea + ` [data-add="1"]`)
	h.taps(`#p-` + tea + ` .less .wide`)
	h.until("the store has two of three", `document.querySelector("#p-`+tea+`").matches(".part:not(.kept)")`)
	z.airplane(false)
	z.until("both are shown", `document.querySelectorAll("#refused li").length === 1 && document.querySelector("#p-`+tea+`").matches(".part:not(.kept)")`)
	z.shot("23-conflict")
	z.taps(`#refused button:last-of-type`)
	z.until("the store has what was sent again", `document.querySelectorAll("#refused li").length === 0 && document.querySelector("#p-`+tea+`").matches(".got:not(.kept)")`)
	h.until("the other phone sees it", `document.querySelector("#p-`+tea+`").matches(".got:not(.kept)")`)
	h.shot("24-after-the-conflict")
}
