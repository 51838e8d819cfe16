package sim

import (
	"math/rand/v2"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

// withReader lets a cabinet read codes.
func withReader(plan cabinet.Plan) cabinet.Plan {
	plan.Devices = append(plan.Devices, cabinet.Device{Family: cabinet.ASCIIReader})
	return plan
}

func readers() []cabinet.Plan { return []cabinet.Plan{withReader(shelves("xs-01", 1))} }

// losesLine takes the cabinet off the network and waits until the service has noticed.
func (p *scene) losesLine() {
	p.t.Helper()
	p.box.unplugNet(true)
	p.isAway()
}

func (p *scene) isAway() {
	p.t.Helper()
	if !waitFor(3*time.Minute, func() bool { return p.service.state(p.box.id) == cloud.CabinetAway }) {
		p.t.Fatalf("without its line the cabinet is %s", p.service.state(p.box.id))
	}
}

// pass is what the phone shows of a visit; it must show something.
func (p *scene) pass(id protocol.VisitID) string {
	p.t.Helper()
	v, err := p.service.visit(id)
	if err != nil || v.Pass == "" {
		p.t.Fatalf("visit %s (%s, %s) has no code to show: %v", id, v.State(), v.Code, err)
	}
	return v.Pass
}

// shows holds a code before a cabinet's reader.
func (p *scene) shows(b *box, pass string) {
	p.t.Helper()
	if err := b.cabinet.Show(0, pass); err != nil {
		p.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
}

func (p *scene) pulses() int { return len(p.box.tap.seen()) }

func TestACodeOpensWithoutALineAndIsChargedOnceWhenItIsBack(t *testing.T) {
	play(t, settings{plans: readers()}, func(t *testing.T, p *scene) {
		p.losesLine()
		id := p.begins()
		pass := p.pass(id)
		p.shows(p.box, pass)
		p.shows(p.box, pass) // The phone is still there.
		p.does(pull(), take("S1", "1002", 2), shut())
		time.Sleep(5 * time.Second)
		p.shows(p.box, pass)
		if n := p.pulses(); n != 1 {
			t.Errorf("one code pulsed the lock %d times", n)
		}
		p.becomes(id, cloud.StateUnknown) // Nobody has told, and the code is over.
		p.box.crash()
		p.box.startOn(false)
		time.Sleep(time.Minute)
		p.box.unplugNet(false)
		p.bills(id, map[protocol.SKU]int{"1002": 2})
		p.sellsAgain()
	})
}

func TestACodeThatNobodyUsesLetsTheMoneyGoWhenTheCabinetHasSpoken(t *testing.T) {
	play(t, settings{plans: readers()}, func(t *testing.T, p *scene) {
		p.losesLine()
		id := p.begins()
		pass := p.pass(id)
		p.becomes(id, cloud.StateUnknown)
		time.Sleep(10 * time.Second) // What the cabinet writes from now on is of after the code's end.
		p.shows(p.box, pass)
		p.box.unplugNet(false)
		if v := p.becomes(id, cloud.StateAborted); v.Code != protocol.CodeExpired || p.pulses() != 0 {
			t.Errorf("aborted as %s after %d pulses", v.Code, p.pulses())
		}
		p.sellsAgain()
	})
}

func TestACopiedCodeOpensItsOwnCabinetAlone(t *testing.T) {
	plans := []cabinet.Plan{withReader(shelves("xs-01", 1)), withReader(shelves("xs-02", 2))}
	play(t, settings{plans: plans}, func(t *testing.T, p *scene) {
		p.losesLine()
		id := p.begins()
		pass := p.pass(id)
		p.shows(p.boxes[1], pass)
		if !waitFor(time.Minute, func() bool { v, err := p.service.visit(id); return err == nil && v.Code == protocol.CodeOtherCabinet }) {
			t.Error("the resident does not hear that this is another cabinet")
		}
		p.shows(p.box, pass)
		p.does(pull(), take("S1", "1001", 1), shut())
		p.box.unplugNet(false)
		p.bills(id, map[protocol.SKU]int{"1001": 1})
		if n := len(p.boxes[1].tap.seen()); n != 0 {
			t.Errorf("the other cabinet's lock was pulsed %d times", n)
		}
	})
}

func TestACommandThatIsLateAndACodeOpenOneDoorOnce(t *testing.T) {
	for name, thenShown := range map[string]bool{"the code comes first": true, "the command is never obeyed": false} {
		t.Run(name, func(t *testing.T) {
			play(t, settings{plans: readers()}, func(t *testing.T, p *scene) {
				p.box.net.hang(string(p.box.id), bothWays)
				id := p.begins()
				if !waitFor(20*time.Second, func() bool { v, err := p.service.visit(id); return err == nil && v.Pass != "" }) {
					t.Fatal("nobody answers, and no code is shown")
				}
				pass := p.pass(id)
				if thenShown {
					p.shows(p.box, pass)
					p.does(pull(), take("S1", "1001", 1))
				}
				p.box.net.flow(string(p.box.id))
				time.Sleep(2 * time.Second)
				if thenShown {
					p.does(shut())
					p.bills(id, map[protocol.SKU]int{"1001": 1})
				} else {
					p.shows(p.box, pass) // The command came too late, and its code is still good.
					p.does(pull(), take("S1", "1001", 1), shut())
					p.bills(id, map[protocol.SKU]int{"1001": 1})
				}
				if n := p.pulses(); n != 1 {
					t.Errorf("one visit pulsed the lock %d times", n)
				}
			})
		})
	}
}

func TestACodeIsJudgedByTheFloorOfTimeWhereTheClockIsWrong(t *testing.T) {
	const year = 365 * 24 * time.Hour
	cases := []struct {
		name   string
		offset time.Duration
		opens  bool
	}{
		{"at the cabinet it is 1970 or so", 30 * year, true},
		{"years behind", 3 * year, true},
		{"years ahead: the code looks old", -9 * year, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			play(t, settings{plans: readers(), offset: c.offset}, func(t *testing.T, p *scene) {
				p.losesLine()
				p.box.crash()
				p.box.startOn(false)
				time.Sleep(20 * time.Second)
				id := p.begins()
				p.shows(p.box, p.pass(id))
				if c.opens {
					p.does(pull(), take("S1", "1002", 1), shut())
					p.box.unplugNet(false)
					p.bills(id, map[protocol.SKU]int{"1002": 1})
					return
				}
				p.becomes(id, cloud.StateUnknown)
				time.Sleep(10 * time.Second) // What the cabinet writes from now on is of after the code's end.
				p.box.unplugNet(false)
				if v := p.becomes(id, cloud.StateAborted); v.Code != protocol.CodeExpired || p.pulses() != 0 {
					t.Errorf("ended as %s after %d pulses", v.Code, p.pulses())
				}
			})
		})
	}
}

func TestWhatIsRiskedWithoutALineIsLimited(t *testing.T) {
	play(t, settings{plans: readers()}, func(t *testing.T, p *scene) {
		p.losesLine()
		for range 2 {
			id := p.begins()
			p.shows(p.box, p.pass(id))
			p.does(pull(), take("S1", "1001", 1), shut())
			time.Sleep(5 * time.Second)
		}
		p.refused(protocol.CodeResidentLimit)
		other := &scene{town: p.town, box: p.box, who: p.newResident(2, rand.New(rand.NewPCG(2, 2)))}
		id := other.begins()
		p.shows(p.box, p.pass(id))
		p.does(pull(), shut())
		p.box.unplugNet(false)
		p.becomes(id, cloud.StateNothingTaken)
	})
}
