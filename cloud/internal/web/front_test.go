package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

func TestACabinetIsDrawnAsItStandsForADeskAndForAPhone(t *testing.T) {
	w := newWorld()
	watched(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	page := v.get("/cabinets/qj-1")
	mustSee(t, page, http.StatusOK, "4.1 °C", "Door shut", "4.12 kg", "¥3.50", `aria-label="S1: Milk 250 ml, 7 left, ¥3.50, Books and scale differ"`)
	for sheet, lanes := range map[string]int{"front-wide": 15, "front-narrow": 15} {
		drawing := between(t, page.Body.String(), `<svg class="front `+sheet+`"`, "</svg>")
		if n := strings.Count(drawing, `class="k-name"`); n != lanes {
			t.Errorf("%s has %d names, want %d", sheet, n, lanes)
		}
		// Milk, then the electrolyte drink two shelves lower, then coffee, which was taken and put back: each place has its numbers once.
		found := regexp.MustCompile(`<text x="[\d.]+" y="\d+">([\d ]+)</text>`).FindAllStringSubmatch(between(t, drawing, `class="k-way"`, "</g>"), -1)
		if len(found) != 3 || found[2][1] != "3 4" {
			t.Errorf("%s shows the steps %v", sheet, found)
		}
		if units := regexp.MustCompile(`class="k-number"[^>]*>(\d+)<`).FindAllStringSubmatch(drawing, 3); len(units) != 3 || units[0][1] != "7" || units[1][1] != "5" || units[2][1] != "9" {
			t.Errorf("%s counts %v on its first shelf", sheet, units)
		}
	}
	mustSee(t, page, http.StatusOK, "The last visit that moved goods", "one Latte coffee 268 ml put back")
}

func TestAPhoneCutsALongShelfAndADeskDoesNot(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "zh-CN", session: "manager"}
	page := v.get("/cabinets/qj-3").Body.String()
	for sheet, cuts := range map[string]int{"front-wide": 0, "front-narrow": 3} {
		if n := strings.Count(between(t, page, `<svg class="front `+sheet+`"`, "</svg>"), "k-goes"); n != cuts {
			t.Errorf("%s cuts %d shelves of 3, want %d", sheet, n, cuts)
		}
	}
}

func TestEachDoorOfACabinetHasAWindowOfItsOwn(t *testing.T) {
	w := newWorld()
	cab := w.cabinet("qj-1")
	cab.Platforms[3].Compartment, cab.Platforms[4].Compartment = 2, 2
	cab.Presence.Telemetry.Compartments = append(cab.Presence.Telemetry.Compartments, wire.CompartmentTelemetry{
		Compartment: 2, Door: wire.DoorStateOpen, Probes: []wire.Probe{{Celsius: 95}},
	})
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	page := v.get("/cabinets/qj-1")
	mustSee(t, page, http.StatusOK, "1: Door shut", "2: Door open", "9.5 °C", "k-leaf", "k-grip")
	if n := strings.Count(between(t, page.Body.String(), `<svg class="front front-wide"`, "</svg>"), `class="k-win"`); n != 2 {
		t.Errorf("%d windows are drawn, want 2", n)
	}
}

func TestOfAPageOfACabinetOnlyWhatChangedIsSent(t *testing.T) {
	w := newWorld()
	watched(w)
	server := httptest.NewServer(handlerOf(w, false))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	lines := follow(t, server.URL+"/cabinets/qj-1/live")
	first := nextEvent(t, lines)
	if !strings.Contains(first, `<main id="main"`) || !strings.Contains(first, `id="part-live"`) {
		t.Fatalf("the first event is %.200s", first)
	}
	w.change(func() {
		// As a word that came does, it makes another of what was told: a reader may still be drawing the one before.
		cab := w.cabinet("qj-1")
		told := *cab.Presence.Telemetry
		told.Compartments = append([]wire.CompartmentTelemetry{}, told.Compartments...)
		told.Compartments[0].Weights = append([]wire.Weight{}, told.Compartments[0].Weights...)
		told.Compartments[0].Weights[0].Weight -= 263_000
		cab.Presence.Telemetry = &told
	})
	second := nextEvent(t, lines)
	if !strings.Contains(second, "event: pieces") || !strings.Contains(second, "3.86 kg") || strings.Contains(second, `id="part-front"`) || strings.Contains(second, `id="part-lanes"`) {
		t.Errorf("what is sent of a weight is %.400s", second)
	}
	t.Logf("the page is %d bytes, a weight that changed %d", len(first), len(second))
	if len(second)*10 > len(first) {
		t.Errorf("of a page of %d bytes %d are sent for one weight", len(first), len(second))
	}
}

func TestWhatNobodyIsSureOfIsSaidOfTheLastVisit(t *testing.T) {
	w := newWorld()
	watched(w)
	w.brake.walked.Sure = false
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "the likeliest of what was done")
	w.brake.walked = cloud.Walked{}
	mustNotSee(t, v.get("/cabinets/qj-1"), "k-way", "moved goods")
	w.brake.walked = cloud.Walked{Visit: cloud.Visit{Purpose: protocol.PurposeRefill, By: "Wang"}, Sure: true, Steps: []settle.Step{{Platform: "S1", SKU: "2001", Qty: 6}}}
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "6 × Milk 250 ml put in", "Wang")
}

// between is what stands from a text on up to another.
func between(t *testing.T, whole, from, to string) string {
	t.Helper()
	_, after, found := strings.Cut(whole, from)
	inside, _, ended := strings.Cut(after, to)
	if !found || !ended {
		t.Fatalf("there is nothing from %q to %q", from, to)
	}
	return inside
}
