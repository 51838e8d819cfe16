package api

import (
	"testing"

	"allhours/cloud"
)

func TestARollOutIsPreviewedBegunAndWithdrawn(t *testing.T) {
	r := newRig(t)
	manager := r.manager()
	const swap = `{"kind":"swap","why":"winter","from":"1001","to":"1003","stores":["north"]}`
	var seen rolloutPreviewAnswer
	manager.want(200, "POST", "/api/v1/rollouts", swap, &seen)
	if seen.Changed == 0 || seen.Barred != 0 || len(seen.Cabinets) != seen.Changed || seen.Cabinets[0].Home != 8 || len(seen.Cabinets[0].Turns) != 2 {
		t.Fatalf("seen: %+v", seen)
	}
	var begun, ended rolloutAnswer
	manager.want(201, "POST", "/api/v1/rollouts?revision="+decimalOf(seen.Revision), swap, &begun)
	if begun.Number != 1 || begun.Waiting != seen.Changed || begun.By == "" || len(begun.Drafts) != seen.Changed || begun.Drafts[0].Why != "winter" {
		t.Errorf("begun: %+v", begun)
	}
	manager.refused(409, cloud.CodeChanged, "POST", "/api/v1/rollouts?revision="+decimalOf(seen.Revision), swap)
	manager.refused(409, cloud.CodeConflict, "POST", "/api/v1/rollouts/1/back", "")
	r.technician().refused(403, cloud.CodeForbidden, "POST", "/api/v1/rollouts/1/withdraw", "")
	manager.want(200, "POST", "/api/v1/rollouts/1/withdraw", "", &ended)
	if ended.Waiting != 0 || ended.Ended != seen.Changed || ended.Withdrawn == nil {
		t.Errorf("withdrawn: %+v", ended)
	}
	manager.refused(409, cloud.CodeConflict, "DELETE", "/api/v1/drafts/1", "")
	var drafts draftsAnswer
	manager.want(200, "GET", "/api/v1/drafts?cabinet=xs-01", "", &drafts)
	if len(drafts.Drafts) != 1 || drafts.Drafts[0].Ended == nil || drafts.Drafts[0].Taken {
		t.Errorf("the drafts of the cabinet: %+v", drafts.Drafts)
	}
}

func TestARollOutOfAnotherStoreIsClosedToAManagerOfOne(t *testing.T) {
	r := newRig(t)
	manager, southerner := r.manager(), r.staff("southerner")
	const swap = `{"kind":"swap","why":"winter","from":"1001","to":"1003","stores":["north"]}`
	var seen rolloutPreviewAnswer
	manager.want(200, "POST", "/api/v1/rollouts", swap, &seen)
	at := "?revision=" + decimalOf(seen.Revision)
	for _, path := range []string{"/api/v1/rollouts", "/api/v1/rollouts" + at} {
		southerner.refused(403, cloud.CodeOtherStores, "POST", path, swap)
		southerner.refused(403, cloud.CodeOtherStores, "POST", path, `{"kind":"prices","why":"x","prices_fen":{"1001":250}}`)
	}
	manager.want(201, "POST", "/api/v1/rollouts"+at, swap, nil)
	southerner.refused(403, cloud.CodeOtherStores, "GET", "/api/v1/rollouts/1", "")
	for _, path := range []string{"/api/v1/rollouts/1/withdraw", "/api/v1/rollouts/1/back"} {
		southerner.refused(403, cloud.CodeOtherStores, "POST", path, "")
	}
	for who, want := range map[*caller]int{&manager: 1, &southerner: 0} {
		var rollouts rolloutsAnswer
		var drafts draftsAnswer
		who.want(200, "GET", "/api/v1/rollouts", "", &rollouts)
		who.want(200, "GET", "/api/v1/drafts?cabinet=xs-01", "", &drafts)
		if len(rollouts.Rollouts) != want || len(drafts.Drafts) != want {
			t.Errorf("%d roll-outs and %d drafts are told, want %d", len(rollouts.Rollouts), len(drafts.Drafts), want)
		}
	}
}
