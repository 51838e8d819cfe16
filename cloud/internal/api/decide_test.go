package api

import (
	"net/http"
	"reflect"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

func TestAManagerDecidesAReviewInOneOfThreeWays(t *testing.T) {
	r := newRig(t)
	id := protocol.UUID{9}
	path := "/api/v1/visits/" + id.String() + "/decision"
	r.stranger().refused(http.StatusUnauthorized, cloud.CodeNoSession, "POST", path, `{"story":0}`)
	r.resident(anna).refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, `{"waive":true}`)
	manager := r.manager()
	manager.refused(http.StatusNotFound, cloud.CodeUnknownVisit, "POST", "/api/v1/visits/9/decision", `{"story":0}`)
	for _, body := range []string{`{}`, `{"story":0,"waive":true}`, `{"story":0,"lines":[]}`, `{"story":"first"}`} {
		manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", path, body)
	}
	if len(r.fleet.decided) != 0 {
		t.Fatalf("decided %+v", r.fleet.decided)
	}
	for _, c := range []struct {
		body string
		want cloud.DecideReview
	}{
		{`{"story":1,"note":"seen"}`, cloud.DecideReview{Story: 1, Note: "seen"}},
		{`{"lines":[{"sku":"1001","qty":2}]}`, cloud.DecideReview{Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: 2}}}},
		{`{"lines":[]}`, cloud.DecideReview{Story: cloud.NoStory, Lines: []settle.Line{}}},
		{`{"waive":true}`, cloud.DecideReview{Story: cloud.NoStory, Waive: true}},
	} {
		c.want.Visit, c.want.By, c.want.Role = id, "manager", protocol.RoleManager
		r.fleet.decided = nil
		var told visitAnswer
		manager.want(http.StatusOK, "POST", path, c.body, &told)
		if len(r.fleet.decided) != 1 || !reflect.DeepEqual(r.fleet.decided[0], c.want) {
			t.Errorf("%s was taken as %+v, want %+v", c.body, r.fleet.decided, c.want)
		}
		if told.ID != id || told.State != cloud.StateCharged {
			t.Errorf("answered %+v", told)
		}
	}
	r.fleet.refusal = protocol.Errorf(cloud.CodeConflict, "decided before")
	manager.refused(http.StatusConflict, cloud.CodeConflict, "POST", path, `{"waive":true}`)
}
