package core_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// story is a visit as its cabinet tells it: begun, opened, settled, with a mark of life around them.
func (r *rig) story() (protocol.VisitID, []wire.Event) {
	r.t.Helper()
	v, err := r.begin("")
	r.must(err)
	c := r.cabinet
	first := len(c.events)
	c.journalled(begun(v.ID))
	c.journalled(wire.OpenedBody{Visit: v.ID})
	c.journalled(c.settled(v.ID, settle.Line{SKU: "1001", Qty: 2}))
	c.journalled(wire.AliveBody{Selling: true, Counters: c.counters})
	return v.ID, c.events[first:]
}

// charged400 is what story must come to, whatever happened to its events.
func (r *rig) charged400(v protocol.VisitID) {
	r.t.Helper()
	later(time.Second)
	r.is(v, cloud.StateCharged)
	if taken := r.provider.Taken(resident); taken != 400 {
		r.t.Errorf("%s taken, want ¥4.00", taken)
	}
	if left := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1001")); left != 6 {
		r.t.Errorf("%d units left by the book, want 6", left)
	}
	if a := r.cabinet.ack(); a.HaveUpTo != r.cabinet.last() || len(a.Missing) != 0 || a.Journal != r.cabinet.journal ||
		[16]byte(a.Challenge) != r.cabinet.challenge || a.FleetEpoch != 1 {
		r.t.Errorf("acknowledged %+v", a)
	}
	r.check()
}

func TestEventsThatComeAgainAreAcknowledgedAgainAndChangeNothing(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story()
		for range 3 {
			r.must(r.cabinet.send(events...))
			for _, e := range events {
				acks := r.mail.count(topic.Ack)
				r.must(r.cabinet.send(e))
				if r.mail.count(topic.Ack) != acks+1 {
					t.Error("a repetition was not acknowledged")
				}
			}
		}
		r.charged400(v)
		if found := r.incidents(); len(found) != 0 {
			t.Errorf("incidents %v", found)
		}
	})
}

func TestEventsAreAppliedInOrderWhateverTheNetworkDoes(t *testing.T) {
	const seed = 20261120
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	for n := range 30 {
		t.Run(fmt.Sprintf("order %d", n), func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v, events := r.story()
				for {
					from := dice.IntN(len(events))
					to := from + 1 + dice.IntN(len(events)-from)
					batch := append([]wire.Event{}, events[from:to]...)
					dice.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
					r.must(r.cabinet.send(batch...))
					if dice.IntN(4) == 0 {
						r.restart()
					}
					if r.cabinet.ack().HaveUpTo == r.cabinet.last() {
						break
					}
				}
				r.charged400(v)
				if found := r.incidents(); len(found) != 0 {
					t.Errorf("incidents %v", found)
				}
			})
		})
	}
}

func TestACloudThatIsStoppedWhileItStartsEndsInOrder(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := r.core.Run(ctx); err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
}

func TestAHoleIsAskedForAndNothingBehindItIsApplied(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story()
		r.must(r.cabinet.send(events[0], events[3]))
		a := r.cabinet.ack()
		if a.HaveUpTo != 1 || len(a.Missing) != 1 || a.Missing[0] != (wire.Range{From: 2, To: 3}) {
			t.Errorf("acknowledged %+v", a)
		}
		r.is(v, cloud.StateOpening)
		r.must(r.cabinet.send(events[2]))
		if a := r.cabinet.ack(); a.HaveUpTo != 1 || len(a.Missing) != 1 || a.Missing[0] != (wire.Range{From: 2, To: 2}) {
			t.Errorf("acknowledged %+v", a)
		}
		r.is(v, cloud.StateOpening)
		r.must(r.cabinet.send(events[1]))
		r.charged400(v)
	})
}

func TestAnotherEventUnderAKnownKeyIsKeptApartAndNeverAcknowledged(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story()
		r.must(r.cabinet.send(events...))
		forged := events[2]
		forged.Body = []byte(`{"visit":"` + v.String() + `","answer":{"decision":"bill","lines":[{"sku":"1003","qty":5}]}}`)
		acks := r.mail.count(topic.Ack)
		r.must(r.cabinet.send(forged))
		if r.mail.count(topic.Ack) != acks {
			t.Error("it was acknowledged")
		}
		if found := r.incidents(); found[cloud.IncidentOtherEvent] != 1 {
			t.Errorf("incidents %v", found)
		}
		r.charged400(v)
		r.view(func(tx cloud.Tx) error {
			apart, err := tx.Quarantine.List("xs-01", 10)
			if len(apart) != 1 || apart[0].Event.Seq != forged.Seq {
				t.Errorf("kept apart: %+v", apart)
			}
			return err
		})
	})
}

func TestPoisonIsSetAsideAndBlocksNothing(t *testing.T) {
	for name, poison := range map[string]func(e *wire.Event){
		"an unknown type":              func(e *wire.Event) { e.Type = "visit.dreamt" },
		"a body that is another thing": func(e *wire.Event) { e.Type, e.Body = wire.StockLevel, []byte(`{"levels":7}`) },
		"a visit of nobody": func(e *wire.Event) {
			e.Type, e.Body = wire.VisitAborted, []byte(`{"visit":"01931d3d-0000-7abc-8def-001122334455","code":"not_pulled"}`)
		},
		"a settlement without a decision":     func(e *wire.Event) { e.Type, e.Body = wire.VisitSettled, []byte(`{"purpose":"purchase","answer":{}}`) },
		"an opening that the database abhors": func(e *wire.Event) { e.Type, e.Body = wire.VisitSettled, []byte(`{"purpose":"cake"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				e := r.cabinet.journalled(wire.AliveBody{})
				poison(&e)
				r.cabinet.events[0] = e
				v, events := r.story()
				r.must(r.cabinet.send(append([]wire.Event{e}, events...)...))
				r.charged400(v)
				if found := r.incidents(); found[cloud.IncidentPoison] != 1 || len(found) != 1 {
					t.Errorf("incidents %v", found)
				}
			})
		})
	}
}

func TestASecondSettlementIsAnIncidentAndNeverACharge(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story()
		r.must(r.cabinet.send(events...))
		var same wire.SettledBody
		r.must(wire.Decode(events[2].Body, &same))
		r.cabinet.does(same) // The same once more says nothing new.
		if found := r.incidents(); found[cloud.IncidentSecondSettling] != 0 {
			t.Errorf("the same settlement again: %v", found)
		}
		r.cabinet.does(r.cabinet.settled(v, settle.Line{SKU: "1003", Qty: 1}))
		if found := r.incidents(); found[cloud.IncidentSecondSettling] != 1 {
			t.Errorf("another settlement: %v", found)
		}
		r.charged400(v)
	})
}

func TestASettlementAfterAnAbortIsCapturedOrOwedAndNeverDropped(t *testing.T) {
	for name, c := range map[string]struct {
		freed       bool // the hold was given back before the settlement came
		taken, owed protocol.Fen
		want        cloud.VisitState
	}{
		"the hold is still there": {false, 400, 0, cloud.StateCharged},
		"the hold was released":   {true, 0, 400, cloud.StateOwed},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v, events := r.story()
				if c.freed {
					r.cabinet.reply(protocol.CodeBusy) // It lied: its journal says something else.
					later(time.Second)
					r.is(v, cloud.StateAborted)
					r.must(r.cabinet.send(events...))
				} else {
					abort := wire.AbortedBody{Visit: v, Code: protocol.CodePulseUnknown}
					r.cabinet.events = r.cabinet.events[:1]
					r.cabinet.journalled(abort)
					r.cabinet.journalled(r.cabinet.settled(v, settle.Line{SKU: "1001", Qty: 2}))
					r.must(r.cabinet.send(r.cabinet.events...))
				}
				later(time.Second)
				got := r.is(v, c.want)
				if got.Total != 400 || got.Outcome != cloud.OutcomeAborted {
					t.Errorf("settled late as %+v", got)
				}
				if taken, owed := r.provider.Taken(resident), r.balance(ledger.Debt(resident), ledger.Fen); taken != c.taken || owed != int64(c.owed) {
					t.Errorf("taken %s, owed %d", taken, owed)
				}
				r.cabinet.does(r.cabinet.settled(v, settle.Line{SKU: "1003", Qty: 1}))
				if found := r.incidents(); found[cloud.IncidentLateSettling] != 1 || found[cloud.IncidentSecondSettling] != 1 {
					t.Errorf("incidents %v", found)
				}
				r.check()
			})
		})
	}
}

func TestUnknownClonedOrRestoredCabinet(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		acks := func(name string, want int, do func() error) {
			t.Helper()
			before := r.mail.count(topic.Ack)
			r.must(do())
			if got := r.mail.count(topic.Ack) - before; got != want {
				t.Errorf("%s: %d acknowledgements, want %d", name, got, want)
			}
		}
		e := r.cabinet.journalled(wire.AliveBody{Selling: true})
		acks("its own journal", 1, func() error { return r.cabinet.send(e) })
		stranger := newCabinet(r, topic.Address{Shard: 3, Cabinet: "xs-77"})
		acks("a cabinet that is not enrolled", 0, func() error { return stranger.send(stranger.journalled(wire.AliveBody{})) })
		wrongShard := newCabinet(r, topic.Address{Shard: r.cabinet.address.Shard ^ 1, Cabinet: "xs-01"})
		acks("the wrong shard", 0, func() error { return wrongShard.send(wrongShard.journalled(wire.AliveBody{})) })
		clone := newCabinet(r, r.cabinet.address)
		clone.journal = protocol.UUID{6: 0x70, 8: 0x80, 15: 51}
		acks("another journal", 0, func() error { return clone.send(clone.journalled(wire.AliveBody{})) })
		acks("a birth with another journal", 0, func() error { clone.birth(); return nil })
		found := r.incidents()
		if found[cloud.IncidentUnknownCabinet] != 2 || found[cloud.IncidentOtherJournal] != 2 {
			t.Errorf("incidents %v", found)
		}
		r.view(func(tx cloud.Tx) error {
			apart, err := tx.Quarantine.List("xs-01", 10)
			if len(apart) != 2 {
				t.Errorf("kept apart: %+v", apart)
			}
			return err
		})
		v, err := r.begin("") // A clone's birth must not take the place of the cabinet's.
		r.must(err)
		if _, g := r.cabinet.command(); g.Challenge != r.cabinet.challenge || g.Visit != v.ID {
			t.Errorf("the grant is for another connection: %+v", g)
		}
	})
}

func TestASettlementOfAVisitThatTheCloudLostWaitsForAHuman(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for _, told := range []bool{true, false} {
			lost := protocol.UUID{1: 1, 6: 0x70, 8: 0x80}
			if told {
				lost[0] = 1
				r.cabinet.does(begun(lost))
			}
			r.cabinet.does(r.cabinet.settled(lost, settle.Line{SKU: "1001", Qty: 1}))
			later(time.Second)
			if got := r.is(lost, cloud.StateReview); (got.Hold != 0) != told {
				t.Errorf("adopted as %+v", got)
			}
		}
		reviews, err := r.core.Visits.Reviews(t.Context(), "", 0)
		r.must(err)
		if len(reviews) != 2 || reviews[0].Why != cloud.CodeUnknownVisit || reviews[0].Guess[0].Price != 200 {
			t.Errorf("reviews %+v", reviews)
		}
		if found := r.incidents(); found[cloud.IncidentUnknownVisit] != 2 || found[cloud.IncidentHoldLost] != 1 {
			t.Errorf("incidents %v", found) // One of them was told to begin: its hold must be somewhere.
		}
		if _, err := r.begin(""); err != nil {
			t.Errorf("a lost visit keeps the door shut: %v", err)
		}
	})
}

func TestAHoldThatIsFoundAfterItsCaseWasDecidedIsTakenOrGivenBack(t *testing.T) {
	for _, c := range []struct {
		name string
		how  cloud.DecideReview
		want cloud.VisitState
	}{
		{"the case is waived", cloud.DecideReview{Waive: true}, cloud.StateWaived},
		{"nothing was taken", cloud.DecideReview{Story: cloud.NoStory}, cloud.StateNothingTaken},
		{"a water was taken", cloud.DecideReview{Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: 1}}}, cloud.StateCharged},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				lost := protocol.UUID{1, 1, 6: 0x70, 8: 0x80}
				number := payment.Number(payment.HoldID(lost))
				r.faults = func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultLate }
				_, err := r.provider.Authorise(t.Context(), payment.Request{
					Kind: cloud.OpHold, Number: number, Order: number, Person: resident, Amount: 5000,
				})
				r.must(err)
				r.faults = nil
				r.cabinet.does(begun(lost))
				r.cabinet.does(r.cabinet.settled(lost, settle.Line{SKU: "1001", Qty: 1}))
				c.how.Visit, c.how.By, c.how.Note = lost, "li", "seen on the shelf"
				_, err = r.core.Visits.Decide(t.Context(), c.how)
				r.must(err)
				if held := r.provider.Held(resident); held != 0 {
					t.Fatalf("%s are held before they were paid", held)
				}
				later(time.Hour)
				r.is(lost, c.want)
				r.check()
				if n := r.incidents()[cloud.IncidentPaymentMismatch]; n != 0 {
					t.Errorf("%d incidents of a provider that was right", n)
				}
			})
		})
	}
}

func TestAServiceVisitThatATechnicianMadeAtTheCabinetIsOneAndIsSeen(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for i, pulled := range []bool{true, false} {
			made := protocol.UUID{byte(i + 1), 6: 0x70, 8: 0x80}
			start := begun(made)
			start.Purpose, start.Offline, start.Own, start.PriceVersion, start.Limit = protocol.PurposeService, true, true, 0, 0
			r.cabinet.does(start)
			want := cloud.StateServiced
			if pulled {
				r.cabinet.does(wire.OpenedBody{Visit: made})
				end := r.cabinet.settled(made)
				end.Purpose = protocol.PurposeService
				r.cabinet.does(end)
			} else {
				want = cloud.StateAborted
				r.cabinet.does(wire.AbortedBody{Visit: made, Code: protocol.CodeNotPulled})
			}
			later(time.Second)
			if got := r.is(made, want); got.Hold != 0 {
				t.Errorf("adopted as %+v", got)
			}
		}
		if found := r.incidents(); found[cloud.IncidentServiceByClaim] != 2 || len(found) != 1 {
			t.Errorf("incidents %v: want each opening without a grant of the cloud seen, and nothing else", found)
		}
		r.cabinet.does(wire.CalibratedBody{Platform: "S1", PPM: 980_392, With: wire.WithWeight, Mass: 5_000_000})
		if a := r.cabinet.ack(); a.HaveUpTo != uint64(len(r.cabinet.events)) || len(r.incidents()) != 1 {
			t.Errorf("a calibration: acknowledged %+v, incidents %v", a, r.incidents())
		}
	})
}

func TestEventsThatAreNowhereAreSkippedAndSaidToBeLost(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for range 5 {
			r.cabinet.journalled(wire.AliveBody{Selling: true})
		}
		r.must(r.cabinet.send(r.cabinet.events[3:]...))
		if a := r.cabinet.ack(); a.HaveUpTo != 0 {
			t.Errorf("acknowledged %+v", a)
		}
		r.must(r.cabinet.say(topic.Birth, wire.Birth{
			V: 1, Cabinet: "xs-01", Journal: r.cabinet.journal, FirstKept: 4, Last: 5, Boot: 1, Conn: protocol.UUID{99}, Challenge: make([]byte, 16),
		}))
		if a := r.cabinet.ack(); a.HaveUpTo != 5 || len(a.Missing) != 0 {
			t.Errorf("acknowledged %+v", a)
		}
		if found := r.incidents(); found[cloud.IncidentEventsLost] != 1 {
			t.Errorf("incidents %v", found)
		}
	})
}

func TestCountersThatGrowOtherwiseThanTheEventsAreAnIncident(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story()
		r.must(r.cabinet.send(events...))
		r.charged400(v)
		r.cabinet.does(wire.AliveBody{Selling: true, Counters: r.cabinet.counters})
		if found := r.incidents(); found[cloud.IncidentCounters] != 0 {
			t.Errorf("incidents %v", found)
		}
		r.cabinet.counters.Units++
		r.cabinet.does(wire.AliveBody{Selling: true, Counters: r.cabinet.counters})
		if found := r.incidents(); found[cloud.IncidentCounters] != 1 {
			t.Errorf("incidents %v", found)
		}
	})
}

func TestWhatACabinetReportsOpensAndClosesIncidents(t *testing.T) {
	for name, c := range map[string]struct {
		kind     cloud.IncidentKind
		opens    wire.Body
		closes   wire.Body
		harmless wire.Body
	}{
		"door left open": {cloud.IncidentLeftOpen, wire.DoorBody{EventType: wire.DoorLeftOpen, Compartment: 1, OpenMS: 60000}, wire.DoorBody{EventType: wire.DoorShut, Compartment: 1}, nil},
		"a scale is silent, stuck, overloaded": {
			cloud.IncidentScale, wire.ScaleBody{EventType: wire.ScaleFault, Platform: "S1", Reason: "silent"}, wire.ScaleBody{EventType: wire.ScaleClear, Platform: "S1"}, nil,
		},
		"a compartment stops selling": {
			cloud.IncidentStopped, wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeDiskFull}, wire.SaleBody{EventType: wire.SaleResumed, Compartment: 1}, nil,
		},
		"goods that leave behind a shut door": {
			cloud.IncidentMoved, wire.MovedBody{Platform: "S1", Delta: -571_000, Weight: 5_000_000, OverMS: 60_000}, nil, nil,
		},
		"an article in another packaging": {
			cloud.IncidentUnitWeight,
			wire.UnitBody{SKU: "1003", Was: 571_000, Unit: 580_000, Visits: 5, Units: 12},
			nil,
			wire.StockBody{Counts: []wire.Count{{Platform: "S1", Confidence: 0.9, Units: []wire.Counted{{SKU: "1003", Qty: 4, Low: 3, High: 4}}}}},
		},
		"the mechanical key": {
			cloud.IncidentKeyOpening,
			wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1},
			nil,
			wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1, Visit: &protocol.UUID{1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				if c.harmless != nil {
					r.cabinet.does(c.harmless)
				}
				if found := r.incidents(); len(found) != 0 {
					t.Errorf("incidents before: %v", found)
				}
				r.cabinet.does(c.opens)
				if found := r.incidents(); found[c.kind] != 1 || len(found) != 1 {
					t.Errorf("incidents %v", found)
				}
				if c.closes == nil {
					return
				}
				r.cabinet.does(c.closes)
				if found := r.incidents(); len(found) != 0 {
					t.Errorf("incidents after: %v", found)
				}
			})
		})
	}
}

func TestClockWrongIsNotBelieved(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		e := r.cabinet.journalled(begun(v.ID))
		e.At, e.Clock = 0, false
		r.cabinet.events[0] = e
		r.must(r.cabinet.send(e))
		r.view(func(tx cloud.Tx) error {
			record, err := tx.Visits.Find(v.ID)
			if record.Begun.Before(record.Created) {
				t.Errorf("begun at %s, created at %s", record.Begun, record.Created)
			}
			return err
		})
		r.is(v.ID, cloud.StateOpening)
	})
}

func TestAMessageThatCannotBeReadIsAnIncidentAndIsNotAcknowledged(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for _, ch := range []topic.Channel{topic.Birth, topic.Death, topic.Event, topic.Live, topic.Telemetry, topic.Reply} {
			acks := r.mail.count(topic.Ack)
			for _, payload := range [][]byte{nil, []byte("{"), []byte(`{"v":1,"cabinet":"xs-02"}`), {0x1F, 0x8B, 0}} {
				if err := r.core.Handle(t.Context(), r.cabinet.address, ch, payload); err == nil {
					t.Errorf("%s took %q", ch, payload)
				}
			}
			if r.mail.count(topic.Ack) != acks {
				t.Errorf("%s was acknowledged", ch)
			}
		}
		if err := r.core.Handle(t.Context(), r.cabinet.address, topic.Command, []byte("{}")); err == nil {
			t.Error("a message of the wrong direction was taken")
		}
		if found := r.incidents(); found[cloud.IncidentMalformed] != 24 {
			t.Errorf("incidents %v", found)
		}
	})
}

func TestARefillMovesGoodsAndNoMoney(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := protocol.UUID{3, 6: 0x70, 8: 0x80}
		r.view(func(cloud.Tx) error { return nil })
		r.must(r.db.Update(t.Context(), func(tx cloud.Tx) error {
			return tx.Visits.Add(cloud.VisitRecord{Visit: cloud.Visit{
				ID: v, Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposeRefill, Payment: cloud.PaymentNone, Created: time.Now(),
			}})
		}))
		body := r.cabinet.settled(v)
		body.Purpose = protocol.PurposeRefill
		body.Answer.Why = []settle.Explanation{{Steps: []settle.Step{{Platform: "S1", SKU: "1001", Qty: 5}, {Platform: "S2", SKU: "1003", Qty: -1}}}}
		r.cabinet.does(body)
		r.is(v, cloud.StateRestocked)
		if got := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1001")); got != 13 {
			t.Errorf("%d of 1001, want 13", got)
		}
		if got := r.balance(ledger.Shop("north"), ledger.Article("1001")); got != -5 {
			t.Errorf("the store gave %d, want 5", -got)
		}
		if got := r.balance(ledger.Hands(protocol.UUID{}), ledger.Article("1001")); got != 0 {
			t.Errorf("%d are still in somebody's hands", got)
		}
		r.check()
	})
}

func TestAnEventWhoseEnvelopeIsWrongIsSetAsideInItsPlace(t *testing.T) {
	for name, spoil := range map[string][2]string{
		"a later version":       {`"v":1`, `"v":2`},
		"a number of zero":      {`"seq":1,`, `"seq":0,`},
		"a number that is text": {`"seq":1,`, `"seq":"one",`},
		"a start that is text":  {`"boot":1`, `"boot":"first"`},
		"of another cabinet":    {`"cabinet":"xs-01"`, `"cabinet":"xs-02"`},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				r.cabinet.journalled(wire.AliveBody{})
				v, _ := r.story()
				plain, err := json.Marshal(r.cabinet.events)
				r.must(err)
				batch := json.RawMessage(bytes.Replace(plain, []byte(spoil[0]), []byte(spoil[1]), 1))
				if bytes.Equal(batch, plain) {
					t.Fatalf("nothing is spoilt in %s", plain)
				}
				for range 2 {
					r.must(r.cabinet.say(topic.Event, batch))
					r.charged400(v)
				}
				if found := r.incidents(); found[cloud.IncidentPoison] != 1 || len(found) != 1 {
					t.Errorf("incidents %v", found)
				}
				if n := r.waiting(); n != 1 {
					t.Errorf("%d events wait, want 1", n)
				}
			})
		})
	}
}

func TestASettlementInABadEnvelopeCountsWhenAPersonSaysSo(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, events := r.story()
		plain, err := json.Marshal(events)
		r.must(err)
		batch := json.RawMessage(bytes.Replace(plain, []byte(`"seq":3,`), []byte(`"seq":"three",`), 1))
		r.must(r.cabinet.say(topic.Event, batch))
		later(time.Minute)
		r.is(v, cloud.StateOpen)
		r.must(r.core.Replay(t.Context(), r.aside(events[2]), "li"))
		r.charged400(v)
		r.mustBeSound()
	})
}
