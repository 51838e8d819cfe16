package core_test

import (
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// copied is the card of the cabinet as it is now, in another device.
func (c *cabinet) copied() *cabinet {
	twin := *c
	twin.events = append([]wire.Event(nil), c.events...)
	twin.conn += 100
	return &twin
}

// starts is an agent that begins a boot with what is on its card.
func (c *cabinet) starts() {
	c.rig.t.Helper()
	c.boot++
	c.start[2]++
	c.start[3] = c.conn
	c.birth()
}

// replaced gives the cabinet a new card, with nothing on it.
func (c *cabinet) replaced(journal byte) *cabinet {
	next := newCabinet(c.rig, c.address)
	next.journal[15], next.conn, next.applied = journal, c.conn+50, wire.ConfigVersion{}
	next.start[3] = journal
	return next
}

// believed reports whether a resident may open the cabinet, as far as its card is concerned.
func (r *rig) believed() bool {
	r.t.Helper()
	_, err := r.begin("")
	if code := protocol.CodeOf(err); err != nil && code != cloud.CodeCardApart && code != cloud.CodeCabinetAway {
		r.t.Errorf("begin: %v", err)
	}
	return protocol.CodeOf(err) != cloud.CodeCardApart
}

func TestACopyOfACardIsNoticedAndAnHonestCardIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		story func(t *testing.T, r *rig)
		want  cloud.IncidentKind // empty: the card is believed
	}{
		"the network repeats a birth after what followed it": {func(_ *testing.T, r *rig) {
			late := r.cabinet.copied()
			late.conn = r.cabinet.conn - 1
			r.cabinet.does(wire.AliveBody{Selling: true})
			late.birth()
		}, ""},
		"a birth of an earlier connection comes late, twice": {func(_ *testing.T, r *rig) {
			late := r.cabinet.copied()
			r.cabinet.birth()
			r.cabinet.does(wire.AliveBody{Selling: true})
			late.birth()
			later(time.Minute)
			late.birth()
		}, ""},
		"a birth of an earlier boot comes late, once": {func(_ *testing.T, r *rig) {
			late := r.cabinet.copied()
			r.cabinet.starts()
			r.cabinet.does(wire.AliveBody{Selling: true})
			late.birth()
			later(time.Hour)
			late.conn--
			late.birth()
		}, ""},
		"power fails again and again": {func(_ *testing.T, r *rig) {
			for range 5 {
				r.cabinet.does(wire.AliveBody{Selling: true})
				r.cabinet.journalled(wire.AliveBody{Selling: true})
				r.cabinet.starts()
				r.must(r.cabinet.send(r.cabinet.events...))
			}
		}, ""},
		"the cloud restarts": {func(_ *testing.T, r *rig) {
			r.cabinet.does(wire.AliveBody{Selling: true})
			r.restart()
			r.cabinet.birth()
		}, ""},
		"an old copy of the card is put in": {func(_ *testing.T, r *rig) {
			old := r.cabinet.copied()
			r.cabinet.does(wire.AliveBody{Selling: true})
			old.starts()
		}, cloud.IncidentRestoredCard},
		"an old copy of many boots ago is put in": {func(_ *testing.T, r *rig) {
			old := r.cabinet.copied()
			for range 3 {
				r.cabinet.starts()
				r.cabinet.does(wire.AliveBody{Selling: true})
			}
			old.starts()
			later(12 * time.Second)
			old.birth()
		}, cloud.IncidentRestoredCard},
		"two devices begin the same boot": {func(_ *testing.T, r *rig) {
			twin := r.cabinet.copied()
			r.cabinet.starts()
			twin.starts()
		}, cloud.IncidentClonedCard},
		"the same, and the cloud restarts between": {func(_ *testing.T, r *rig) {
			twin := r.cabinet.copied()
			r.cabinet.starts()
			r.restart()
			twin.starts()
		}, cloud.IncidentClonedCard},
		"a copy of the running card takes turns with it": {func(_ *testing.T, r *rig) {
			twin := r.cabinet.copied()
			twin.starts()
			for range 3 {
				r.cabinet.birth()
				later(6 * time.Second)
				twin.birth()
				later(6 * time.Second)
			}
		}, cloud.IncidentClonedCard},
		"an older agent, that tells no start, has lost what it told": {func(_ *testing.T, r *rig) {
			r.cabinet.start = protocol.UUID{}
			r.cabinet.birth()
			old := r.cabinet.copied()
			r.cabinet.does(wire.AliveBody{Selling: true})
			old.birth()
			later(12 * time.Second)
			old.birth()
		}, cloud.IncidentRestoredCard},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				c.story(t, r)
				found := r.incidents()
				if c.want == "" {
					if len(found) != 0 || !r.believed() {
						t.Errorf("an honest card is accused: %v", found)
					}
					return
				}
				if found[c.want] == 0 || r.believed() {
					t.Errorf("incidents %v: want %s, and no door that opens", found, c.want)
				}
			})
		})
	}
}

// TestNobodyKnowsWhichOfTwoIsTheCabinet: neither is acknowledged or told anything, and nothing of either is applied, until a
// person says which card is believed.
func TestNobodyKnowsWhichOfTwoIsTheCabinet(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.does(wire.AliveBody{Selling: true})
		twin := r.cabinet.copied()
		r.cabinet.starts()
		twin.starts()
		acks, states := r.mail.count(topic.Ack), r.mail.count(topic.Config)
		for i, one := range []*cabinet{r.cabinet, twin} {
			one.birth()
			one.telemetry()
			one.does(wire.DoorBody{EventType: wire.DoorOpened, Compartment: protocol.Compartment(i + 1)})
		}
		r.restart() // What is apart stays apart.
		twin.birth()
		if a, s := r.mail.count(topic.Ack), r.mail.count(topic.Config); a != acks || s != states {
			t.Errorf("%d acknowledgements and %d desired states were sent to them", a-acks, s-states)
		}
		view, err := r.core.Fleet.Cabinet(t.Context(), "xs-01")
		r.must(err)
		if view.Apart != cloud.IncidentClonedCard || view.State != cloud.CabinetStopped {
			t.Errorf("shown as %s, apart for %q", view.State, view.Apart)
		}
		r.view(func(tx cloud.Tx) error {
			apart, err := tx.Quarantine.List("xs-01", 10)
			position, err2 := tx.Inbox.Position("xs-01")
			if len(apart) != 2 || position.Applied != 1 {
				t.Errorf("%d events are kept apart, %d are applied: want 2 and 1", len(apart), position.Applied)
			}
			r.must(err2)
			return err
		})
		r.must(r.core.Cards.Expect(t.Context(), "xs-01"))
		twin.birth()
		if r.believed() {
			t.Error("the card that was set apart is believed again")
		}
		next := r.cabinet.replaced(60)
		next.birth()
		next.telemetry()
		if found := r.incidents(); found[cloud.IncidentClonedCard] != 0 || !r.believed() {
			t.Errorf("after the card was replaced: incidents %v", found)
		}
		r.cabinet.does(wire.AliveBody{Selling: true}) // The old card is heard of once more.
		if r.incidents()[cloud.IncidentOtherJournal] != 1 {
			t.Errorf("incidents %v: want one of the retired journal", r.incidents())
		}
		third := r.cabinet.replaced(61)
		third.birth()
		if r.incidents()[cloud.IncidentOtherJournal] != 2 {
			t.Error("a second new card was accepted, and only one was announced")
		}
	})
}

// TestANewBoxGoesOnWhereTheOldOneEnded buys before and after a whole cabinet is replaced.
func TestANewBoxGoesOnWhereTheOldOneEnded(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story() // Two of 1001.
		r.must(r.cabinet.send(events...))
		r.charged400(v)
		later(time.Minute)
		open, err := r.begin("") // The box dies in the middle of a visit.
		r.must(err)
		r.cabinet.reply(protocol.CodeOK)
		r.cabinet.does(begun(open.ID))
		r.must(r.core.Cards.Expect(t.Context(), "xs-01"))
		next := r.cabinet.replaced(60)
		next.birth()
		next.telemetry()
		synctest.Wait()

		var cfg wire.Config
		r.must(wire.Unseal(wire.KindConfig, r.keys, r.mail.last(topic.Config), &cfg))
		left := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1001"))
		if cfg.Stock.Version != 2 || int64(cfg.Stock.Book["S1"]["1001"]) != left || left != 6 {
			t.Errorf("the new box is told stock %+v, the book says %d of 1001", cfg.Stock, left)
		}
		r.is(open.ID, cloud.StateReview)
		reviews, err := r.core.Visits.Reviews(t.Context(), "", 0)
		r.must(err)
		if len(reviews) != 1 || reviews[0].Why != cloud.CodeCardReplaced || len(reviews[0].Guess) != 0 {
			t.Errorf("reviews %+v", reviews)
		}

		old := r.cabinet
		r.cabinet = next
		next.does(wire.AppliedBody{Config: cfg.Config})
		again, err := r.begin("")
		r.must(err)
		next.buys(again.ID, settle.Line{SKU: "1001", Qty: 1})
		later(time.Second)
		if got := r.is(again.ID, cloud.StateCharged); got.Total != 200 {
			t.Errorf("billed %+v", got)
		}
		next.does(wire.AliveBody{Selling: true, Counters: next.counters})
		if left := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1001")); left != 5 {
			t.Errorf("%d of 1001 are left by the book, want 5", left)
		}
		if found := r.incidents(); len(found) != 0 {
			t.Errorf("incidents %v", found)
		}
		r.must(old.send(old.journalled(r.cabinet.settled(open.ID, settle.Line{SKU: "1001", Qty: 3}))))
		r.is(open.ID, cloud.StateReview)
		r.patience(time.Hour)
		later(2 * time.Hour)
		r.is(open.ID, cloud.StateWaived)
		r.check()
	})
}
