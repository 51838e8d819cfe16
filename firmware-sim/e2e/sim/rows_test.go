package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/physics"
	"allhours/firmware-sim/shopper"
	"allhours/protocol"
)

// The tests of this file and its neighbours are the rows of the design's table of faults, each told with a whole town.

// scene is a town with one shelf cabinet and somebody before it.
type scene struct {
	*town
	box *box
	who *resident
}

// play tells a row; what must always hold is asked at its end.
func play(t *testing.T, s settings, tell func(t *testing.T, p *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		told := newDiary()
		defer func() {
			if t.Failed() {
				told.show(t)
			}
		}()
		if s.plans == nil {
			s.plans = []cabinet.Plan{shelves("xs-01", 1)}
		}
		s.seed, s.log = 1, told
		v := newTown(t, s)
		defer v.end()
		v.ready()
		time.Sleep(5 * time.Second) // The scales have been looked at for a while.
		tell(t, &scene{town: v, box: v.boxes[0], who: v.newResident(1, rand.New(rand.NewPCG(1, 1)))})
		if !t.Failed() {
			v.comesToRest()
			v.check()
		}
	})
}

// comesToRest waits until nothing is under way any more.
func (v *town) comesToRest() {
	v.t.Helper()
	h := v.newHistory()
	defer h.close()
	v.settleDown(h)
}

// begins asks for the door; it must be given.
func (p *scene) begins() protocol.VisitID {
	p.t.Helper()
	v, err := p.service.begin(cloud.BeginVisit{Person: p.who.person, Cabinet: p.box.id})
	if err != nil {
		p.t.Fatalf("begin: %v", err)
	}
	return v.ID
}

// refused asks for the door; it must be refused with the code.
func (p *scene) refused(want protocol.Code) {
	p.t.Helper()
	_, err := p.service.begin(cloud.BeginVisit{Person: p.who.person, Cabinet: p.box.id})
	if protocol.CodeOf(err) != want {
		p.t.Errorf("begin: %v, want %s", err, want)
	}
}

// does what a person does; it must be possible.
func (p *scene) does(script ...shopper.Action) {
	p.t.Helper()
	if err := shopper.Run(context.Background(), p.box.cabinet, script); err != nil {
		p.t.Fatalf("before the cabinet: %v", err)
	}
}

// becomes waits until a visit is in a state.
func (p *scene) becomes(id protocol.VisitID, want cloud.VisitState) cloud.Visit {
	p.t.Helper()
	var v cloud.Visit
	var err error
	if !waitFor(10*time.Minute, func() bool { v, err = p.service.visit(id); return err == nil && v.State() == want }) {
		p.t.Fatalf("visit %s is %s (%s, %s, %s), %v: want %s", id, v.State(), v.Outcome, v.Payment, v.Code, err, want)
	}
	return v
}

// bills holds a charged visit to what was taken.
func (p *scene) bills(id protocol.VisitID, want map[protocol.SKU]int) {
	p.t.Helper()
	if v := p.becomes(id, cloud.StateCharged); !maps.Equal(unitsOf(v.Lines), want) {
		p.t.Errorf("billed %v: want %v", v.Lines, want)
	}
}

// sellsAgain shows that an ordinary visit is billed exactly.
func (p *scene) sellsAgain() {
	p.t.Helper()
	time.Sleep(5 * time.Second) // What was on its way has arrived.
	p.ready()
	id := p.begins()
	p.does(pull(), take("S2", "1003", 1), shut())
	p.bills(id, map[protocol.SKU]int{"1003": 1})
}

func (p *scene) incident(kind cloud.IncidentKind) int64 {
	fleet := openDisk(p.t, p.service.folder(), fleetFile)
	defer fleet.close()
	return fleet.number(`SELECT count(*) FROM incidents WHERE kind = ?`, kind)
}

func pull() shopper.Action { return shopper.Action{Do: shopper.Pull, AfterMS: 500} }

func shut() shopper.Action { return shopper.Action{Do: shopper.Shut, AfterMS: 1200} }

func take(platform protocol.PlatformID, sku protocol.SKU, qty int) shopper.Action {
	return shopper.Action{Do: shopper.Take, AfterMS: 1000, Platform: platform, SKU: sku, Qty: qty}
}

func put(platform protocol.PlatformID, sku protocol.SKU, qty int) shopper.Action {
	return shopper.Action{Do: shopper.Put, AfterMS: 1500, Platform: platform, SKU: sku, Qty: qty}
}

func TestAnOrdinaryVisit(t *testing.T) {
	for name, plan := range map[string]cabinet.Plan{"shelves": shelves("xs-01", 1), "lanes": lanes("xs-02", 1)} {
		t.Run(name, func(t *testing.T) {
			play(t, settings{plans: []cabinet.Plan{plan}}, func(t *testing.T, p *scene) {
				id := p.begins()
				first := plan.Platforms[0]
				p.does(pull(), take(first.ID, first.Goods[0].SKU, 2), take(first.ID, first.Goods[0].SKU, 1), put(first.ID, first.Goods[0].SKU, 1), shut())
				p.bills(id, map[protocol.SKU]int{first.Goods[0].SKU: 2})
			})
		})
	}
}

func TestAnOrdinaryVisitWhateverBoardHoldsTheLock(t *testing.T) {
	for _, lock := range []cabinet.Lock{
		{Family: cabinet.CU16, Unit: 3, Channels: 16, Doors: 1},
		{Family: cabinet.CU48Modbus, Unit: 2, Channels: 48, Doors: 1, OfDoor: true},
		{Family: cabinet.Lock8A, Unit: 1, Channels: 24, Doors: 1, OfDoor: true},
		{Family: cabinet.WKLY, Unit: 0, Channels: 24, Doors: 1, Mute: true},
	} {
		t.Run(fmt.Sprintf("%s, contact of the door %v", lock.Family, lock.OfDoor), func(t *testing.T) {
			plan := shelves("xs-01", 1)
			plan.Locks = []cabinet.Lock{lock}
			play(t, settings{plans: []cabinet.Plan{plan}}, func(t *testing.T, p *scene) {
				id := p.begins()
				p.does(pull(), take("S1", "1001", 1), shut())
				p.bills(id, map[protocol.SKU]int{"1001": 1})
			})
		})
	}
}

func TestDoorLeftOpen(t *testing.T) {
	play(t, settings{}, func(t *testing.T, p *scene) {
		id := p.begins()
		p.does(pull(), take("S1", "1001", 1))
		time.Sleep(70 * time.Second)
		if n := p.incident(cloud.IncidentLeftOpen); n != 1 {
			t.Errorf("%d incidents while the door stands open: want 1", n)
		}
		p.becomes(id, cloud.StateOpen)
		p.does(take("S2", "1004", 1), shut())
		p.bills(id, map[protocol.SKU]int{"1001": 1, "1004": 1})
	})
}

func TestAnObjectLeftOnAShelf(t *testing.T) {
	plan := shelves("xs-01", 1)
	built, err := cabinet.New(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	kept := built.State()
	kept.Hands = []physics.Unit{{SKU: "umbrella", Grams: 743}}
	play(t, settings{kept: map[protocol.CabinetID]*physics.State{"xs-01": &kept}}, func(t *testing.T, p *scene) {
		id := p.begins()
		p.does(pull(), take("S2", "1003", 1), put("S1", "umbrella", 1), shut())
		p.becomes(id, cloud.StateReview)
		reviews, err := p.service.up().server.Visits().Reviews(t.Context(), "", 0)
		if err != nil || len(reviews) != 1 || reviews[0].Visit.ID != id {
			t.Errorf("reviews %+v, %v: want the visit", reviews, err)
		}
	})
}

func TestPutBackOnTheWrongShelf(t *testing.T) {
	play(t, settings{}, func(t *testing.T, p *scene) {
		id := p.begins()
		p.does(pull(), take("S1", "1001", 1), take("S2", "1003", 1), put("S1", "1003", 1), shut())
		p.bills(id, map[protocol.SKU]int{"1001": 1})
		p.comesToRest()
		k := p.books()
		defer k.fleet.close()
		if strays := k.ledgerOf(p.box, "stray:"); strays[spot{"S1", "1003"}] != 1 || len(strays) != 1 {
			t.Errorf("strays %v: want one 1003 on S1", strays)
		}
	})
}

func TestTheCabinetsLineIsDown(t *testing.T) {
	play(t, settings{}, func(t *testing.T, p *scene) {
		id := p.begins()
		p.does(pull())
		p.box.unplugNet(true)
		p.does(take("S1", "1002", 2), shut())
		time.Sleep(2 * time.Minute)
		if v, err := p.service.visit(id); err != nil || !v.Ended.IsZero() {
			t.Errorf("without a word from the cabinet the visit is %+v, %v", v, err)
		}
		p.refused(cloud.CodeCabinetAway)
		p.box.unplugNet(false)
		p.bills(id, map[protocol.SKU]int{"1002": 2})
		p.sellsAgain()
	})
}

func TestTheCloudIsDown(t *testing.T) {
	for name, down := range map[string]func(*service){"stopped": (*service).stop, "crashed": (*service).crash} {
		t.Run(name, func(t *testing.T) {
			play(t, settings{}, func(t *testing.T, p *scene) {
				id := p.begins()
				p.does(pull(), take("S1", "1001", 1))
				down(p.service)
				if _, err := p.service.begin(cloud.BeginVisit{Person: p.who.person, Cabinet: p.box.id}); !errors.Is(err, errDeadLink) {
					t.Errorf("begin while the cloud is down: %v", err)
				}
				p.does(take("S2", "1004", 1), shut())
				time.Sleep(time.Minute)
				edge := openDisk(t, p.box.folder(), journalFile)
				if n := edge.number(`SELECT count(*) FROM events WHERE type = 'visit.settled'`); n != 1 {
					t.Errorf("%d settlements while the cloud is down: want 1", n)
				}
				edge.close()
				p.service.start()
				p.bills(id, map[protocol.SKU]int{"1001": 1, "1004": 1})
				p.sellsAgain()
			})
		})
	}
}

func TestClockWrong(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, offset := range map[string]time.Duration{
		"at the cabinet it is 1970 or so": 30 * year, "years behind": 3 * year, "years ahead": -9 * year, "an hour ahead": -time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			play(t, settings{offset: offset}, func(t *testing.T, p *scene) {
				p.sellsAgain()
				p.box.crash()
				p.box.start()
				p.sellsAgain()
				edge := openDisk(t, p.box.folder(), journalFile)
				defer edge.close()
				now := p.service.now().UnixMilli()
				if n := edge.number(`SELECT count(*) FROM events WHERE type LIKE 'visit.%' AND (clock = 0 OR abs(at - ?) > 600000)`, now); n != 0 {
					t.Errorf("%d events of visits are not placed in the cloud's time", n)
				}
			})
		})
	}
}

func TestAVisitThatEndedBeforeTheClockWasKnownHasItsTrueHour(t *testing.T) {
	play(t, settings{offset: 30 * 365 * 24 * time.Hour}, func(t *testing.T, p *scene) {
		id := p.begins()
		p.does(pull(), take("S1", "1001", 1))
		p.box.crash()
		p.box.startOn(false)
		time.Sleep(10 * time.Second)
		p.does(shut())
		ended := p.service.now()
		time.Sleep(12 * time.Minute)
		p.box.unplugNet(false)
		var v cloud.Visit
		var err error
		if !waitFor(5*time.Minute, func() bool { v, err = p.service.visit(id); return err == nil && !v.Ended.IsZero() }) {
			t.Fatalf("visit %+v, %v: want it ended", v, err)
		}
		if late := v.Ended.Sub(ended); late < -time.Second || late > 2*time.Minute {
			t.Errorf("the visit is told to have ended at %s, the door was shut at %s", v.Ended, ended)
		}
	})
}
