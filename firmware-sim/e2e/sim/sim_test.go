// Package sim runs whole towns in one process: agents, boards, network, service and payment provider over a line, pipes
// and a clock in memory, with faults drawn from a seed. What must always hold is asked once all is quiet again.
package sim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/cabinet"
)

// seedsByDefault is how many seeds `make test` tries, from 1 on; `make sim` tries more, from any on.
const seedsByDefault = 200

func TestSimWhateverHappensEveryVisitEndsOnceAndIsPaidOnce(t *testing.T) {
	if seed := setting(t, "SIM_SEED", 0); seed != 0 {
		trySeed(t, seed, fleets(t), true)
		return
	}
	first, seeds := setting(t, "SIM_FIRST", 1), setting(t, "SIM_SEEDS", seedsByDefault)
	ready := fleets(t)
	t.Cleanup(func() {
		decided, waived, refunded := officeWork.decided.Load(), officeWork.waived.Load(), officeWork.refunded.Load()
		t.Logf("%d cases were decided, %d waived, %d bills given back in part or whole", decided, waived, refunded)
		filled, skipped, answered := roundWork.filled.Load(), roundWork.skipped.Load(), roundWork.answered.Load()
		t.Logf("%d cabinets were filled, %d were left out, %d questions were answered", filled, skipped, answered)
		if seeds >= seedsByDefault && (decided == 0 || waived == 0 || refunded == 0 || filled == 0 || answered == 0) {
			t.Error("want some of each")
		}
	})
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			trySeed(t, seed, ready, false)
		})
	}
}

// setting reads a number from the environment.
func setting(t *testing.T, name string, byDefault uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return byDefault
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func trySeed(t *testing.T, seed uint64, ready map[string]*prepared, tell bool) {
	defer func() {
		if t.Failed() {
			t.Logf("repeat with: make sim SEED=%d", seed)
		}
	}()
	synctest.Test(t, func(t *testing.T) { story(t, seed, ready, tell) })
}

// quietWithin is how long a town may take to come to rest once nothing befalls it any more.
const quietWithin = 30 * time.Minute

// story is one seed.
func story(t *testing.T, seed uint64, ready map[string]*prepared, tell bool) {
	told := newDiary()
	if tell {
		defer told.show(t)
	}
	chance := rand.New(rand.NewPCG(seed, 7))
	offsets := []time.Duration{0, 0, 26*365*24*time.Hour + time.Hour, -20 * 365 * 24 * time.Hour, 40 * 365 * 24 * time.Hour}
	all := plans(chance, seed)
	v := newTown(t, settings{seed: seed, plans: all, from: ready[nameOf(all)], offset: offsets[chance.IntN(len(offsets))], log: told})
	defer v.end()
	v.ready()
	var people sync.WaitGroup
	for i := range 2 + chance.IntN(3) {
		r := v.newResident(i, rand.New(rand.NewPCG(seed, 1000+uint64(i))))
		people.Go(func() { r.comesAndGoes() })
	}
	h := v.newHistory()
	defer h.close()
	office, over := v.newOffice(rand.New(rand.NewPCG(seed, 500))), make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() { office.works(over) })
	van := v.newRestocker(rand.New(rand.NewPCG(seed, 600)))
	if van.chance.IntN(2) == 0 {
		people.Go(van.walks)
	}
	v.befall(draw(chance), h.look)
	people.Wait()
	v.settleDown(h)
	close(over)
	work.Wait()
	v.settleDown(h)
	v.lastVisits()
	v.settleDown(h)
	v.check(van.goods)
}

// plans draws one cabinet or two.
func plans(chance *rand.Rand, seed uint64) []cabinet.Plan {
	return [][]cabinet.Plan{
		{shelves("xs-01", seed)}, {lanes("xs-02", seed)}, {shelves("xs-01", seed), lanes("xs-02", seed)},
	}[chance.IntN(3)]
}

func nameOf(plans []cabinet.Plan) string {
	name := ""
	for _, p := range plans {
		name += " " + string(p.Cabinet)
	}
	return name
}

// fleets prepares every fleet that a seed may draw.
func fleets(t *testing.T) map[string]*prepared {
	t.Helper()
	ready := map[string]*prepared{}
	for _, all := range [][]cabinet.Plan{{shelves("xs-01", 1)}, {lanes("xs-02", 1)}, {shelves("xs-01", 1), lanes("xs-02", 1)}} {
		ready[nameOf(all)] = prepare(t, all)
	}
	return ready
}

// comesAndGoes is a resident's evening.
func (r *resident) comesAndGoes() {
	time.Sleep(between(r.chance, 0, span/2))
	for range 1 + r.chance.IntN(2) {
		r.visits(r.town.anyBox(r.chance), habit(r.chance.IntN(int(habitCount))))
		time.Sleep(between(r.chance, time.Second, span/3))
	}
}

// settleDown waits until nothing is under way any more.
func (v *town) settleDown(h *history) {
	v.t.Helper()
	for end := time.Now().Add(quietWithin); v.restless() != ""; h.look() {
		if time.Now().After(end) {
			v.t.Errorf("not quiet after %v: %s", quietWithin, v.restless())
			return
		}
		time.Sleep(5 * time.Second)
	}
}

// lastVisits shows that every cabinet sells again: somebody opens it, takes what there is, and shuts it.
func (v *town) lastVisits() {
	v.t.Helper()
	for i, b := range v.boxes {
		r := v.newResident(100+i, rand.New(rand.NewPCG(uint64(i), 3)))
		visit := r.visits(b, shops)
		if visit == nil || visit.ID.IsZero() {
			v.t.Errorf("%s: nobody can open it any more", b.id)
			continue
		}
		if !waitFor(time.Minute, func() bool { seen, err := v.service.visit(visit.ID); return err == nil && !seen.Ended.IsZero() }) {
			v.t.Errorf("%s: the last visit does not end", b.id)
		}
		if seen, err := v.service.visit(visit.ID); err != nil || seen.Outcome == cloud.OutcomeAborted {
			v.t.Errorf("%s: the last visit ended as %s (%s), %v", b.id, seen.Outcome, seen.Code, err)
		}
	}
}
