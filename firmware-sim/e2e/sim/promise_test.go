package sim

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/cabinet"
)

// doorWithin is how long after they pressed somebody who was told that the door opens has it open, or is told otherwise: so long a
// command lives. Whoever is told nothing by then is told so by hearsWithin.
const (
	doorWithin  = 10 * time.Second
	hearsWithin = 15 * time.Second
)

// breaks of a cabinet's line that are over within seconds; mend ends one.
var lineBreaks = []struct {
	name  string
	most  time.Duration
	begin func(p *scene)
	mend  func(p *scene)
}{
	{"the agent dies", 4 * time.Second, func(p *scene) { p.box.crash() }, func(p *scene) { p.box.startAgain() }},
	{"the agent is started again", 4 * time.Second, func(p *scene) { p.box.stop() }, func(p *scene) { p.box.startAgain() }},
	{"the connection breaks", time.Millisecond, func(p *scene) { p.net.cutAll() }, func(*scene) {}},
	{"the cabinet is off the network", 4 * time.Second, func(p *scene) { p.box.unplugNet(true) }, func(p *scene) { p.box.unplugNet(false) }},
	{"the service dies", 2 * time.Second, func(p *scene) { p.service.crash() }, func(p *scene) { p.service.startAgain() }},
}

// TestWhoPressesAsTheLineBreaksGetsTheDoorOrHearsSoonThatItStaysShut lets somebody press just before, while and just after a line
// breaks for a few seconds.
func TestWhoPressesAsTheLineBreaksGetsTheDoorOrHearsSoonThatItStaysShut(t *testing.T) {
	var promised, anew atomic.Int64
	t.Run("all", func(t *testing.T) {
		for seed := range uint64(12) {
			for _, b := range lineBreaks {
				t.Run(fmt.Sprint(b.name, " ", seed), func(t *testing.T) {
					t.Parallel()
					chance := rand.New(rand.NewPCG(seed, 11))
					plan := shelves("xs-01", seed)
					if chance.IntN(2) == 0 {
						plan = withReader(plan)
					}
					play(t, settings{plans: []cabinet.Plan{plan}}, func(t *testing.T, p *scene) {
						pressed := p.presses(300 * time.Millisecond)
						time.Sleep(between(chance, 0, 600*time.Millisecond))
						b.begin(p)
						time.Sleep(between(chance, 0, b.most))
						b.mend(p)
						if v, ok := <-pressed; ok {
							promised.Add(1)
							p.keeps(v)
							anew.Add(p.sentAnew())
						}
					})
				})
			}
		}
	})
	t.Logf("%d doors were promised, %d commands were sent anew", promised.Load(), anew.Load())
	if promised.Load() < 20 || anew.Load() < 5 {
		t.Error("the test looks at too little")
	}
}

// presses asks for the door after a while; the channel is closed without a visit where that was refused, which is an answer too.
func (p *scene) presses(after time.Duration) <-chan cloud.Visit {
	pressed := make(chan cloud.Visit, 1)
	go func() {
		defer close(pressed)
		time.Sleep(after)
		if v, err := p.service.begin(cloud.BeginVisit{Person: p.who.person, Cabinet: p.box.id}); err == nil {
			pressed <- v
		}
	}()
	return pressed
}

// keeps holds the promise of a visit, and shops where the door gives.
func (p *scene) keeps(v cloud.Visit) {
	p.t.Helper()
	opens := func() bool { return p.pulses() > 0 }
	ended := func() bool {
		seen, err := p.service.visit(v.ID)
		return err == nil && seen.State() == cloud.StateAborted
	}
	if !waitFor(time.Until(v.Created.Add(doorWithin)), func() bool { return opens() || ended() }) {
		p.t.Errorf("nothing has come of visit %s %v after it was asked for", v.ID, doorWithin)
	}
	if opens() && !ended() {
		p.does(pull(), take("S1", "1001", 1), shut())
		p.bills(v.ID, unitsOf([]cloud.OrderLine{{SKU: "1001", Qty: 1}}))
	}
}

// sentAnew counts the visits for which a second command was sent.
func (p *scene) sentAnew() int64 {
	fleet := openDisk(p.t, p.service.folder(), fleetFile)
	defer fleet.close()
	return fleet.number(`SELECT count(*) FROM visits WHERE anew_ms > 0`)
}
