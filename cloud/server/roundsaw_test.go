package server

import (
	"strings"
	"testing"
	"testing/synctest"

	"allhours/protocol"
)

func TestAStepThatWasTakenInABasementReplacesNothingThatSomebodyElseHasSaidSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.connect()
		manager, wang, zhou := r.member("li", protocol.RoleManager), r.member("wang", protocol.RoleRestocker), r.member("zhou", protocol.RoleRestocker)
		plan := `{"store":"s1","cabinets":["xs-01"],"lines":[{"cabinet":"xs-01","platform":"S1","sku":"1001","units":8}]}`
		place := manager.sendWith("POST", "/api/v1/rounds", plan, "Idempotency-Key", "plan").Header().Get("Location")
		round := roundState{ID: place[strings.LastIndex(place, "/")+1:]}
		steps := place + "/steps"
		wang.keyed(200, "s1", steps, `{"kind":"start"}`, nil)
		wang.keyed(200, "s2", steps, `{"kind":"pick","sku":"1001","units":8,"saw":{"units":null}}`, nil)
		zhou.keyed(409, "z1", steps, `{"kind":"pick","sku":"1001","units":7,"short":"gone","saw":{"units":null}}`, nil)
		zhou.keyed(200, "z2", steps, `{"kind":"pick","sku":"1001","units":7,"short":"gone","saw":{"units":8}}`, nil)
		wang.keyed(200, "s3", steps, `{"kind":"depart"}`, nil)
		wang.keyed(201, "o1", place+"/open", `{"cabinet":"xs-01","number":3}`, nil)
		c.fills(2)
		const lane = `"cabinet":"xs-01","platform":"S1","sku":"1001"`
		wang.keyed(200, "s4", steps, `{"kind":"count",`+lane+`,"units":3,"saw":{"units":null}}`, nil)
		zhou.keyed(409, "z3", steps, `{"kind":"count",`+lane+`,"units":5,"saw":{"units":null}}`, nil)
		zhou.keyed(200, "z4", steps, `{"kind":"count",`+lane+`,"units":3,"saw":{"units":null}}`, &round) // They agree.
		zhou.keyed(409, "z5", steps, `{"kind":"answer",`+lane+`,"answer":"said","saw":{"units":3,"weighed":1}}`, nil)
		zhou.keyed(200, "z6", steps, `{"kind":"answer",`+lane+`,"answer":"said","saw":{"units":3,"weighed":2}}`, &round)
		if l := round.Lines[0]; l.Picked != 7 || l.Finding.Verdict != "agree" {
			t.Errorf("the line is %+v", l)
		}
	})
}
