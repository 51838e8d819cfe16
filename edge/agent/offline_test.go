package agent

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// shopFront is a town whose cabinet has a reader and whose chain risks a little.
type shopFront struct {
	*town
	codes codes
}

func newShopFront(t *testing.T) *shopFront {
	t.Helper()
	p := &shopFront{town: emptyTown(t), codes: make(codes)}
	p.readers = []edge.Reader{p.codes}
	p.boot()
	p.cloud.Until("the cabinet is born", time.Minute, func() bool { return p.cloud.Births() > 0 })
	p.risks(1, wire.Offline{ValidMS: 600_000, Openings: 2, Fen: 10_000, PerMS: 24 * 3600_000, Cabinet: 3})
	p.untilSelling()
	return p
}

// risks sets what the chain risks.
func (p *shopFront) risks(version uint64, o wire.Offline) {
	p.Helper()
	cfg := desired(version)
	cfg.Limits.Offline = &o
	p.cloud.Configure(cfg)
	p.cloud.Until("the limits are applied", time.Minute, func() bool { return p.agent.Applied().Version == version })
}

// pass is a grant to be shown, of one resident for each subject.
func (p *shopFront) pass(visit byte, subject byte) grant.Grant {
	g := p.cloud.Grant(fakecloud.ID(visit))
	g.Challenge, g.Subject = grant.Token{}, grant.Token{subject}
	g.NotBefore, g.NotAfter = p.cloud.Now(), p.cloud.Now().Add(10*time.Minute)
	return g
}

func (p *shopFront) shows(g grant.Grant) {
	p.codes <- p.cloud.Sign(g)
	wait(time.Second)
}

// buys shows a grant, takes a bottle of water and shuts the door.
func (p *shopFront) buys(g grant.Grant) {
	p.Helper()
	p.shows(g)
	if !p.pull() {
		p.Fatal("the latch is not free")
	}
	wait(time.Second)
	p.put(0, -571)
	wait(2 * time.Second)
	p.shut()
	wait(5 * time.Second)
}

// refusal waits until the cloud has heard why a visit was refused.
func (p *shopFront) refused(visit byte) protocol.Code {
	p.Helper()
	var code protocol.Code
	p.cloud.Until("the refusal is told", 2*time.Minute, func() bool {
		for _, e := range p.cloud.Events(wire.VisitRefused) {
			if b, err := wire.DecodeBody(e.Type, e.Body); err == nil && b.(wire.RefusedBody).Visit == fakecloud.ID(visit) {
				code = b.(wire.RefusedBody).Code
			}
		}
		return code != ""
	})
	return code
}

func TestAGrantThatIsShownOpensWithoutALineAndTheCloudHearsOfItLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		if !p.cloud.Birth().Reader {
			t.Error("the birth does not tell that there is a reader")
		}
		p.cloud.Cut(true)
		wait(time.Minute)
		g := p.pass(1, 1)
		p.buys(g)
		p.shows(g)
		wait(3 * time.Minute)
		p.cloud.Cut(false)
		wants(t, p.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
		if code := p.refused(1); code != protocol.CodeUsed || p.pulses != 1 {
			t.Errorf("shown again after the door was shut: %s, %d pulses", code, p.pulses)
		}
		begun, err := wire.DecodeBody(wire.VisitBegun, p.cloud.Events(wire.VisitBegun)[0].Body)
		if err != nil || !begun.(wire.BegunBody).Offline {
			t.Errorf("begun %+v, %v: want it told that the grant was shown", begun, err)
		}
	})
}

func TestAGrantThatIsShownAndMayNotOpenIsRefusedWithItsReason(t *testing.T) {
	cases := []struct {
		name   string
		before func(*shopFront)
		grant  func(*shopFront, *grant.Grant)
		code   protocol.Code
	}{
		{name: "for another cabinet", grant: func(_ *shopFront, g *grant.Grant) { g.Cabinet = "xs-02" }, code: protocol.CodeOtherCabinet},
		{name: "for a door that this cabinet lacks", grant: func(_ *shopFront, g *grant.Grant) { g.Compartment = 2 }, code: protocol.CodeOtherCabinet},
		{name: "after its end", grant: func(_ *shopFront, g *grant.Grant) {
			g.NotBefore, g.NotAfter = g.NotBefore.Add(-11*time.Minute), g.NotAfter.Add(-11*time.Minute)
		}, code: protocol.CodeExpired},
		{name: "that lives longer than the chain has set", grant: func(_ *shopFront, g *grant.Grant) {
			g.NotBefore, g.NotAfter = g.NotBefore.Add(-11*time.Minute), g.NotAfter.Add(time.Hour)
		}, code: protocol.CodeExpired},
		{name: "of an older connection", grant: func(p *shopFront, g *grant.Grant) { copy(g.Challenge[:], p.cloud.Birth().Challenge) }, code: protocol.CodeStaleChallenge},
		{name: "for a refill", grant: func(_ *shopFront, g *grant.Grant) { g.Purpose = protocol.PurposeRefill }, code: protocol.CodeUnsupported},
		{name: "where the chain risks nothing", before: func(p *shopFront) {
			p.cloud.Cut(false)
			wait(time.Minute)
			p.cloud.Configure(desired(2))
			p.cloud.Until("applied", time.Minute, func() bool { return p.agent.Applied().Version == 2 })
		}, code: protocol.CodeUnsupported},
		{name: "while another visit is under way", before: func(p *shopFront) {
			p.shows(p.pass(9, 9))
			p.pull()
			wait(time.Second)
		}, code: protocol.CodeBusy},
		{name: "while the door stands open", before: func(p *shopFront) {
			p.key()
			wait(time.Second)
		}, code: protocol.CodeDoorOpen},
		{name: "while the lock board is silent", before: func(p *shopFront) {
			p.set(func(c *cabinet) { c.dead = true })
			wait(5 * time.Second)
		}, code: protocol.CodeLockFailed},
		{name: "by a resident who opened twice today", before: func(p *shopFront) {
			p.buys(p.pass(8, 1))
			p.buys(p.pass(9, 1))
		}, code: protocol.CodeResidentLimit},
		{
			name: "for more than is risked on a resident", before: func(p *shopFront) { p.buys(p.pass(9, 1)) },
			grant: func(_ *shopFront, g *grant.Grant) { g.LimitFen = 5001 }, code: protocol.CodeResidentLimit,
		},
		{name: "after three openings without a line", before: func(p *shopFront) {
			for n := byte(7); n < 10; n++ {
				p.buys(p.pass(n, n))
			}
		}, code: protocol.CodeCabinetLimit},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newShopFront(t)
				p.cloud.Cut(true)
				wait(time.Minute)
				if c.before != nil {
					c.before(p)
				}
				pulses := p.pulses
				g := p.pass(1, 1)
				if c.grant != nil {
					c.grant(p, &g)
				}
				p.shows(g)
				p.shows(g)
				p.cloud.Cut(false)
				if code := p.refused(1); code != c.code {
					t.Errorf("refused as %s: want %s", code, c.code)
				}
				if n := len(p.cloud.Events(wire.VisitRefused)); n != 1 || p.pulses != pulses {
					t.Errorf("%d refusals written for a code that was read twice, %d pulses", n, p.pulses-pulses)
				}
				if p.open {
					p.shut()
					wait(5 * time.Second)
				}
			})
		})
	}
}

func TestNothingIsWrittenOfAGrantThatTheCloudDidNotSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		text := p.cloud.Sign(p.pass(1, 1))
		for _, shown := range []string{flip(text), text[:40], "AH1.", "6901234567892"} {
			p.codes <- shown
			wait(time.Second)
		}
		if n := len(p.cloud.Events(wire.VisitRefused)); n != 0 || p.pulses != 0 {
			t.Errorf("%d refusals, %d pulses", n, p.pulses)
		}
	})
}

func TestWhatIsRiskedComesBackWithTimeAndWithTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		p.risks(2, wire.Offline{ValidMS: 600_000, Openings: 2, Fen: 10_000, PerMS: 900_000, Cabinet: 3})
		p.cloud.Cut(true)
		p.shows(p.pass(20, 1)) // Nobody pulls: it counts for nothing.
		wait(20 * time.Second)
		for n := byte(1); n <= 2; n++ {
			p.buys(p.pass(n, 1))
		}
		p.buys(p.pass(3, 2))
		p.shows(p.pass(4, 3))
		p.cloud.Cut(false)
		if code := p.refused(4); code != protocol.CodeCabinetLimit {
			t.Errorf("the fourth without a line: %s", code)
		}
		p.cloud.Until("all is acknowledged", time.Minute, func() bool { return p.cloud.Telemetry().Backlog == 0 })
		wait(time.Minute)
		p.buys(p.pass(5, 3))
		p.shows(p.pass(6, 1))
		if code := p.refused(6); code != protocol.CodeResidentLimit {
			t.Errorf("the first resident's third in a quarter of an hour: %s", code)
		}
		wait(15 * time.Minute)
		p.buys(p.pass(7, 1))
		wants(t, p.settled(7), settle.Bill, settle.Line{SKU: water, Qty: 1})
	})
}

func TestGrantsThatAreShownAreJudgedByAFloorOfTime(t *testing.T) {
	const year = 365 * 24 * time.Hour
	cases := []struct {
		name string
		skew time.Duration // of the cloud's clock against the cabinet's
		age  time.Duration // of the grant when it is shown
		code protocol.Code // empty: it opens
	}{
		{"at the cabinet it is 1970 or so", 30 * year, 0, ""},
		{"years behind, a code of before the last mark", 3 * year, 20 * time.Minute, protocol.CodeExpired},
		{"years behind, a code of after the last mark", 3 * year, 5 * time.Minute, ""},
		{"right", 0, 0, ""},
		{"right, a code of three minutes ago", 0, 3 * time.Minute, protocol.CodeExpired},
		{"years ahead: a new code looks old", -9 * year, 0, protocol.CodeExpired},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &shopFront{town: emptyTown(t), codes: make(codes)}
				p.readers = []edge.Reader{p.codes}
				p.cloud.Skew(c.skew)
				p.boot()
				p.cloud.Until("the cabinet is born", time.Minute, func() bool { return p.cloud.Births() > 0 })
				p.risks(1, wire.Offline{ValidMS: 120_000, Openings: 2, Fen: 10_000, PerMS: 24 * 3600_000, Cabinet: 3})
				p.untilSelling()
				old := p.pass(1, 1)
				wait(c.age)
				p.cloud.Cut(true)
				p.stop()
				p.boot()
				wait(15 * time.Second)
				p.shows(old)
				if want := c.code == ""; (p.pulses == 1) != want {
					t.Errorf("%d pulses: want it to open: %v", p.pulses, want)
				}
				p.cloud.Cut(false)
				if c.code != "" {
					if code := p.refused(1); code != c.code {
						t.Errorf("refused as %s: want %s", code, c.code)
					}
				}
				wait(15 * time.Second)
			})
		})
	}
}

func TestWithoutAFloorNothingOpensByAGrantThatIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		p.stop()
		p.withoutFloor()
		p.cloud.Cut(true)
		p.boot()
		wait(15 * time.Second)
		p.shows(p.pass(1, 1))
		p.cloud.Cut(false)
		if code := p.refused(1); code != protocol.CodeTimeUnknown || p.pulses != 0 {
			t.Errorf("refused as %s, %d pulses: want time_unknown", code, p.pulses)
		}
	})
}

func TestACommandAndACodeForOneVisitOpenOneDoorOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		online := p.cloud.Grant(fakecloud.ID(1))
		shown := p.pass(1, 1)
		p.buys(shown)
		p.cloud.Open(fakecloud.ID(2), online)
		if r := p.reply(2); r.Code != protocol.CodeUsed {
			t.Errorf("the command after the code: %+v", r)
		}
		second := p.pass(3, 1)
		p.cloud.Open(fakecloud.ID(3), p.cloud.Grant(fakecloud.ID(3)))
		if r := p.reply(3); r.Code != protocol.CodeOK {
			t.Fatalf("the next visit: %+v", r)
		}
		wait(time.Minute)
		p.shows(second)
		if code := p.refused(3); code != protocol.CodeUsed || p.pulses != 2 {
			t.Errorf("the code after the command: %s, %d pulses", code, p.pulses)
		}
	})
}

// withoutFloor forgets what the journal knows of the time, as one of an older program may.
func (p *shopFront) withoutFloor() {
	p.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(p.dir, "journal.db"))
	if err != nil {
		p.Fatal(err)
	}
	_, err = db.Exec(`UPDATE state SET floor = 0`)
	if err := errors.Join(err, db.Close()); err != nil {
		p.Fatal(err)
	}
}
