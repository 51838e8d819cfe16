package api

import (
	"net/http"
	"slices"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

func TestAManagerAnswersForTheFoodByNameAndNobodyElseMay(t *testing.T) {
	r := newRig(t)
	path, body := "/api/v1/cabinets/xs-01/attest", `{"compartment":2,"why":"thrown away","by":"someone else"}`
	r.stranger().refused(http.StatusUnauthorized, cloud.CodeNoSession, "POST", path, body)
	r.resident(anna).refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, body)
	manager := r.manager()
	manager.refused(http.StatusNotFound, cloud.CodeUnknownCabinet, "POST", "/api/v1/cabinets/A_1/attest", body)
	if len(r.fleet.said) != 0 {
		t.Fatalf("said %+v", r.fleet.said)
	}
	manager.want(http.StatusNoContent, "POST", path, body, nil)
	if want := []cloud.Attestation{{Cabinet: "xs-01", Compartment: 2, By: "manager", Why: "thrown away"}}; !slices.Equal(r.fleet.said, want) {
		t.Errorf("said %+v: want %+v", r.fleet.said, want)
	}
	r.fleet.refusal = protocol.Errorf(protocol.CodeTooWarm, "above its limit now")
	manager.refused(http.StatusConflict, protocol.CodeTooWarm, "POST", path, body)
}
