package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

func TestFoodThatWasTooWarmIsToldAndAManagerMayAnswerForIt(t *testing.T) {
	for code, want := range map[protocol.Code][2]string{
		protocol.CodeTooWarm: {"可能不够冷", "may have been too warm"}, protocol.CodeColdUnknown: {"不知道里面的食品", "Nobody knows whether the food"},
	} {
		for i, lang := range bothLanguages {
			t.Run(fmt.Sprintf("%s in %s", code, lang), func(t *testing.T) {
				w := newWorld()
				cab := w.cabinet("qj-1")
				cab.State = cloud.CabinetStopped
				cab.Presence.Telemetry.Compartments[0].Selling, cab.Presence.Telemetry.Compartments[0].Why = false, code
				anyone := visitor{t: t, handler: handlerOf(w, false), lang: lang}
				mustSee(t, anyone.get("/c/qj-1"), http.StatusOK, want[i])
				manager := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
				mustSee(t, manager.get("/cabinets/qj-1"), http.StatusOK, want[i], `action="/cabinets/qj-1/attest"`, `name="why" required`)
				owner := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "boss"}
				mustSee(t, owner.get("/cabinets/qj-1"), http.StatusOK, want[i], `action="/cabinets/qj-1/attest"`, `action="/cabinets/qj-1/service/open"`)
			})
		}
	}
}

func TestAnAttestationTakesTheNameOfWhoeverIsSignedIn(t *testing.T) {
	w := newWorld()
	handler := handlerOf(w, false)
	resident := visitor{t: t, handler: handler, lang: bothLanguages[1], session: "anna"}
	if rec := resident.post("/cabinets/qj-1/attest", "compartment", "1", "why", "x"); rec.Code != http.StatusForbidden {
		t.Errorf("a resident got %d", rec.Code)
	}
	manager := visitor{t: t, handler: handler, lang: bothLanguages[1], session: "manager"}
	if rec := manager.post("/cabinets/qj-1/attest", "compartment", "1", "why", "thrown away"); rec.Code != http.StatusSeeOther {
		t.Errorf("a manager got %d", rec.Code)
	}
	if want := []cloud.Attestation{{Cabinet: "qj-1", Compartment: 1, By: "manager", Why: "thrown away"}}; !slices.Equal(w.said, want) {
		t.Errorf("said %+v: want %+v", w.said, want)
	}
	if strings.Contains(manager.get("/cabinets/qj-1").Body.String(), "/attest") {
		t.Error("a cabinet that sells asks for a word")
	}
}
