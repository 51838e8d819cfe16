package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// servicePass is a technician's grant to be shown.
func (p *shopFront) servicePass(visit byte) grant.Grant {
	g := p.pass(visit, 200)
	g.Purpose, g.LimitFen = protocol.PurposeService, 0
	return g
}

func TestATechnicianOpensACompartmentWhoseScaleIsSilentAndSeesItsScalesLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(func(c *cabinet) { c.silent[1] = true })
		tn.cloud.Until("the compartment is stopped", time.Hour, func() bool { return !tn.cloud.Telemetry().Compartments[0].Selling })
		if r := tn.openDoor(1); r.Code != protocol.CodeScaleFault {
			t.Fatalf("a resident: %+v", r)
		}
		g := tn.cloud.Grant(fakecloud.ID(2))
		g.Purpose, g.LimitFen = protocol.PurposeService, 0
		tn.cloud.Open(fakecloud.ID(2), g)
		if r := tn.reply(2); r.Code != protocol.CodeOK {
			t.Fatalf("a technician: %+v", r)
		}
		tn.pull()
		tn.put(0, 300)
		tn.cloud.Until("the weight is told while the door is open", 5*time.Second, func() bool {
			c := tn.cloud.Telemetry().Compartments[0]
			return c.Door == wire.DoorStateOpen && c.Weights[0].OK && c.Weights[0].Weight > 10_290_000 && c.Weights[0].Weight < 10_310_000
		})
		tn.shut()
		if b := tn.settled(2); b.Purpose != protocol.PurposeService {
			t.Errorf("settled as %+v", b)
		}
	})
}

func TestWithoutALineATechniciansOpeningsAreCountedByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		p.risks(2, wire.Offline{ValidMS: 600_000, Openings: 1, Fen: 5000, PerMS: 24 * 3600_000, Cabinet: 1, Service: 2})
		p.cloud.Cut(true)
		wait(time.Minute)
		p.buys(p.pass(1, 1))
		for n := byte(2); n <= 4; n++ { // The cabinet's own limit is reached, and is not theirs.
			p.shows(p.servicePass(n))
			if opened := p.cabinet.pull(); opened != (n < 4) {
				t.Fatalf("opening %d of two that are risked: opened %v", n-1, opened)
			}
			wait(2 * time.Second)
			p.shut()
			wait(20 * time.Second)
		}
		p.cloud.Cut(false)
		if code := p.refused(4); code != protocol.CodeResidentLimit {
			t.Errorf("the third is refused as %s", code)
		}
	})
}

func TestARefillIsNotOpenedByAGrantThatIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		g := p.servicePass(1)
		g.Purpose = protocol.PurposeRefill
		p.shows(g)
		if code := p.refused(1); code != protocol.CodeUnsupported {
			t.Errorf("refused as %s", code)
		}
	})
}
