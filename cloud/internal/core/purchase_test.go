package core_test

import (
	"database/sql"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// inRig runs a test on fake time.
func inRig(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer func() { r.stop() }()
		test(t, r)
	})
}

// later lets time pass until everything that is due has happened.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) is(id protocol.VisitID, want cloud.VisitState) cloud.Visit {
	r.t.Helper()
	v := r.visit(id)
	if v.State() != want {
		r.t.Errorf("visit is %s (outcome %q, payment %s, code %s), want %s", v.State(), v.Outcome, v.Payment, v.Code, want)
	}
	return v
}

func TestAPurchaseIsBilledOnceAndTheBookFollows(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("key")
		r.must(err)
		if v.State() != cloud.StateAuthorising || v.Hold != 5000 || v.Payment != cloud.PaymentHeld {
			t.Errorf("begun as %+v", v)
		}
		command, g := r.cabinet.command()
		if g.Visit != v.ID || g.Challenge != r.cabinet.challenge || g.LimitFen != 5000 || g.PriceVersion != 1 ||
			command.Expires != time.Now().Add(10*time.Second).UnixMilli() {
			t.Errorf("command %+v with grant %+v", command, g)
		}
		if subject, _ := pseudonym(t.Context(), v.Person); g.Subject != subject {
			t.Errorf("the grant names %x, want the pseudonym %x and not the person", g.Subject, subject)
		}
		r.cabinet.reply(protocol.CodeOK)
		r.cabinet.does(begun(v.ID))
		r.is(v.ID, cloud.StateOpening)
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		r.is(v.ID, cloud.StateOpen)
		r.must(r.cabinet.say(topic.Live, wire.Live{
			V: 1, Cabinet: "xs-01", Visit: v.ID, Phase: wire.PhaseOpen, Basket: []settle.Line{{SKU: "1002", Qty: 2}},
		}))
		if live := r.is(v.ID, cloud.StateOpen); live.Total != 700 || len(live.Lines) != 1 || live.Lines[0].Name.En != "Tea" {
			t.Errorf("live basket %+v", live)
		}
		r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1}, settle.Line{SKU: "1002", Qty: 2}))
		later(time.Second)
		if bill := r.is(v.ID, cloud.StateCharged); bill.Total != 900 || len(bill.Lines) != 2 || bill.Outcome != cloud.OutcomeSold {
			t.Errorf("billed as %+v", bill)
		}
		if left := r.balance(ledger.Stock("xs-01", "S1"), ledger.Article("1002")); left != 4 {
			t.Errorf("%d of 1002 are left by the book, want 4 of 6", left)
		}
		if taken := r.provider.Taken(resident); taken != 900 {
			t.Errorf("the provider took %s", taken)
		}
		goods, err := r.core.Fleet.Goods(t.Context(), "xs-01")
		r.must(err)
		if len(goods) != 3 || goods[0].Units != 7 || goods[1].Units != 4 || goods[2].Units != 10 {
			t.Errorf("goods %+v", goods)
		}
		if found := r.incidents(); len(found) != 0 {
			t.Errorf("incidents %v", found)
		}
		r.check()
	})
}

func TestGoodsThatWerePutBackElsewhereAreStrayAndNotCharged(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		body := r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1})
		body.Answer.Why = []settle.Explanation{{Lines: body.Answer.Lines, Probability: 0.999, Steps: []settle.Step{
			{At: 1000, Platform: "S1", SKU: "1001", Qty: -1}, {At: 2000, Platform: "S1", SKU: "1002", Qty: -1}, {At: 3000, Platform: "S2", SKU: "1002", Qty: 1},
		}}}
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(body)
		later(time.Second)
		if r.is(v.ID, cloud.StateCharged).Total != 200 {
			t.Error("more than the water was charged")
		}
		for account, want := range map[ledger.Account]int64{ledger.Stock("xs-01", "S1"): 5, ledger.Stray("xs-01", "S2"): 1, ledger.Stock("xs-01", "S2"): 0} {
			if got := r.balance(account, ledger.Article("1002")); got != want {
				t.Errorf("%s has %d of 1002, want %d", account, got, want)
			}
		}
		r.check()
	})
}

func TestNothingTakenCostsNothing(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID)
		later(time.Second)
		if got := r.is(v.ID, cloud.StateNothingTaken); got.Payment != cloud.PaymentNone || got.Lines == nil {
			t.Errorf("ended as %+v", got)
		}
		r.check()
	})
}

func TestAboveTheHoldIsOwedAndADebtorOpensNoDoor(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1003", Qty: 6})
		later(time.Second)
		r.is(v.ID, cloud.StateOwed)
		if taken, owed := r.provider.Taken(resident), r.balance(ledger.Debt(resident), ledger.Fen); taken != 5000 || owed != 400 {
			t.Errorf("taken %s, owed %d", taken, owed)
		}
		if _, err := r.begin(""); protocol.CodeOf(err) != cloud.CodeDebt {
			t.Errorf("a debtor got %v", err)
		}
		r.check()
	})
}

func TestLockDoesNotOpenOrNobodyPulls(t *testing.T) {
	for _, code := range []protocol.Code{protocol.CodeNotPulled, protocol.CodeLockFailed} {
		inRig(t, func(t *testing.T, r *rig) {
			for range 2 {
				v, err := r.begin("")
				r.must(err)
				r.cabinet.does(begun(v.ID))
				r.cabinet.reply(code) // The grant was burnt: only the event ends the visit.
				r.is(v.ID, cloud.StateOpening)
				r.cabinet.does(wire.AbortedBody{Visit: v.ID, Code: code})
				later(time.Second)
				if got := r.is(v.ID, cloud.StateAborted); got.Code != code || got.Payment != cloud.PaymentNone {
					t.Errorf("ended as %+v", got)
				}
			}
			if twice := r.incidents()[cloud.IncidentLock]; code == protocol.CodeLockFailed && twice != 1 || code == protocol.CodeNotPulled && twice != 0 {
				t.Errorf("%s twice: %d incidents", code, twice)
			}
			r.cabinet.does(wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1, Visit: &protocol.UUID{1}})
			if open := r.incidents()[cloud.IncidentLock]; open != 0 {
				t.Errorf("%s: %d incidents of a lock that opens", code, open)
			}
			r.check()
		})
	}
}

func TestARefusedCommandFreesTheHold(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.reply(protocol.CodeStaleChallenge)
		later(time.Second)
		if got := r.is(v.ID, cloud.StateAborted); got.Code != protocol.CodeStaleChallenge {
			t.Errorf("aborted with %s", got.Code)
		}
		r.check()
	})
}

func TestAGrantIsGoodForACabinetWhoseIdeaOfTheTimeIsLate(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		_, err := r.begin("")
		r.must(err)
		_, g := r.cabinet.command()
		// A cabinet knows the cloud's time from a message that took a while, and the command may be faster than that one.
		for _, late := range []time.Duration{0, time.Millisecond, 5 * time.Second, 15 * time.Second} {
			r.must(g.CheckTime(time.Now().Add(-late)))
			r.must(g.CheckTime(time.Now().Add(10*time.Second - late)))
		}
	})
}

func TestPaymentOutcomeUnknownUntilTheCabinetProvesThatNothingHappened(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		later(14 * time.Second)
		r.is(v.ID, cloud.StateUnknown)
		r.cabinet.telemetry() // The grant may still be used.
		later(time.Second)
		r.is(v.ID, cloud.StateUnknown)
		later(21 * time.Second)
		unsent := r.cabinet.journalled(wire.AliveBody{Selling: true}) // The cabinet has more to tell first.
		r.cabinet.telemetry()
		later(time.Second)
		r.is(v.ID, cloud.StateUnknown)
		r.must(r.cabinet.send(unsent))
		later(time.Second)
		if got := r.is(v.ID, cloud.StateAborted); got.Code != protocol.CodeExpired {
			t.Errorf("aborted with %s", got.Code)
		}
		r.check()
	})
}

func TestAWordThatWasSaidBeforeTheOpeningProvesNothingHoweverLateItComes(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		old := wire.Telemetry{
			V: 1, Cabinet: "xs-01", At: time.Now().UnixMilli(), Clock: true, Last: r.cabinet.last(),
			Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: wire.DoorStateShut, Selling: true}},
		}
		v, err := r.begin("")
		r.must(err)
		later(50 * time.Second) // The door was opened at once; all words of it hang in the network.
		r.must(r.cabinet.say(topic.Telemetry, old))
		r.is(v.ID, cloud.StateUnknown)
		old.Clock, old.At = false, time.Now().Add(time.Hour).UnixMilli()
		r.must(r.cabinet.say(topic.Telemetry, old))
		r.is(v.ID, cloud.StateUnknown)
		r.cabinet.telemetry()
		later(time.Second)
		r.is(v.ID, cloud.StateAborted)
		r.check()
	})
}

func TestAVisitWithoutAWordIsBilledWhenItsEventsComeAfterAll(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		started := r.cabinet.journalled(begun(v.ID))
		later(40 * time.Second)
		r.cabinet.birth()
		r.cabinet.telemetry()
		later(time.Second)
		r.is(v.ID, cloud.StateUnknown)
		r.must(r.cabinet.send(started))
		r.is(v.ID, cloud.StateOpening)
		r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 2}))
		later(time.Second)
		r.is(v.ID, cloud.StateCharged)
		r.check()
	})
}

func TestANewConnectionProvesThatAnOldGrantWasNotUsed(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		later(16 * time.Second)
		r.cabinet.birth()
		later(time.Second)
		r.is(v.ID, cloud.StateAborted)
		r.check()
	})
}

func TestAnUncertainBillWaitsForAHumanAndIsWaivedWhenNobodyDecides(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		patient := storetest.Plan()
		patient.Chain.WaiveAfter = 3 * time.Hour
		r.must(r.core.Apply(t.Context(), patient))
		v, err := r.begin("")
		r.must(err)
		r.cabinet.does(begun(v.ID))
		unsure := r.cabinet.review(v.ID, settle.Line{SKU: "1002", Qty: 1})
		zero := time.Now().Add(-12 * time.Second)
		unsure.ZeroAt = zero.UnixMilli()
		unsure.Answer.Why = []settle.Explanation{
			{Lines: unsure.Answer.Lines, Probability: 0.6}, {Lines: []settle.Line{{SKU: "1001", Qty: 2}, {SKU: "9999", Qty: 1}}, Probability: 0.3},
		}
		r.cabinet.does(unsure)
		later(time.Hour)
		r.is(v.ID, cloud.StateReview)
		reviews, err := r.core.Visits.Reviews(t.Context(), "", 0)
		r.must(err)
		if len(reviews) != 1 || reviews[0].Why != cloud.CodeUncertain || len(reviews[0].Guess) != 1 || reviews[0].Guess[0].Price != 350 ||
			reviews[0].Waiting != time.Hour || reviews[0].Place.En != "At the gate" {
			t.Errorf("reviews %+v", reviews)
		}
		if bills := reviews[0].Bills; !reviews[0].Zero.Equal(zero) || len(bills) != 2 || !bills[0].Known || bills[0].Total != 350 || bills[1].Known || bills[1].Total != 400 {
			t.Errorf("steps from %s on, bills %+v: want them from %s on, and 3.50 or at least 4.00 yuan", reviews[0].Zero, bills, zero)
		}
		if taken := r.provider.Taken(resident); taken != 0 {
			t.Errorf("%s were taken before anybody decided", taken)
		}
		r.cabinet.telemetry()
		if _, err := r.begin("next"); err != nil {
			t.Errorf("a review keeps the door from the next visit: %v", err)
		}
		r.cabinet.reply(protocol.CodeBusy)
		later(2*time.Hour - 2*time.Minute)
		r.is(v.ID, cloud.StateReview)
		later(4 * time.Minute)
		if got := r.is(v.ID, cloud.StateWaived); got.Outcome != cloud.OutcomeSold {
			t.Errorf("waived as %+v", got)
		}
		if lost := r.balance(ledger.Lost, ledger.Article("1002")); lost != 1 {
			t.Errorf("%d of 1002 are lost, want 1", lost)
		}
		r.check()
	})
}

func TestNoCaseIsWaivedByTimeBeforeTheProviderToldWhatItTookSinceABackup(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.patience(3 * time.Hour)
		v, err := r.begin("")
		r.must(err)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(r.cabinet.review(v.ID, settle.Line{SKU: "1002", Qty: 1}))
		later(time.Minute)
		r.is(v.ID, cloud.StateReview)
		asked := func(since int64) {
			t.Helper()
			raw, err := sql.Open("sqlite3", r.path)
			r.must(err)
			_, err = raw.Exec(`UPDATE settings SET value = ? WHERE name = 'ask_provider_since'`, since)
			r.must(errors.Join(err, raw.Close()))
		}
		asked(time.Now().UnixMilli())
		later(4 * time.Hour)
		r.is(v.ID, cloud.StateReview)
		asked(0)
		later(2 * time.Minute)
		r.is(v.ID, cloud.StateWaived)
		r.check()
	})
}

func TestADecisionComesToWhatTheProviderTookBeforeTheBooksWereRestored(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.patience(3 * time.Hour)
		v, err := r.begin("")
		r.must(err)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(r.cabinet.review(v.ID, settle.Line{SKU: "1002", Qty: 1}))
		later(time.Minute)
		r.must(r.db.Update(t.Context(), func(tx cloud.Tx) error {
			hold := payment.HoldID(v.ID)
			_, err := tx.Remembered.Add(cloud.Remembered{ID: protocol.UUID{15: 9}, Kind: cloud.OpCapture, On: hold, Amount: 350, At: time.Now()})
			return err
		}))
		later(4 * time.Hour)
		r.is(v.ID, cloud.StateReview)
		queue, _, err := r.core.Cases.Queue(t.Context(), "", 10)
		r.must(err)
		one, err := r.core.Cases.Case(t.Context(), v.ID, "")
		r.must(err)
		if len(queue) != 1 || queue[0].Taken != 350 || one.Taken != 350 {
			t.Errorf("the queue has %+v, the case %s", queue, one.Taken)
		}
		for what, d := range map[string]cloud.DecideReview{
			"a waiver": {Waive: true}, "that nothing was taken": {Story: cloud.NoStory},
		} {
			d.Visit, d.By = v.ID, "li"
			if _, err := r.core.Visits.Decide(t.Context(), d); protocol.CodeOf(err) != cloud.CodeTakenBefore {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = r.core.Visits.Decide(t.Context(), cloud.DecideReview{Visit: v.ID, By: "li", Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1002", Qty: 1}}})
		r.must(err)
		later(time.Minute)
		r.is(v.ID, cloud.StateCharged)
		r.check()
	})
}

func TestAMomentThatCannotBeIsNotKept(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		body := r.cabinet.review(v.ID, settle.Line{SKU: "1001", Qty: 1})
		body.ZeroAt = time.Now().Add(time.Hour).UnixMilli()
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(body)
		later(time.Second)
		reviews, err := r.core.Visits.Reviews(t.Context(), "", 0)
		r.must(err)
		if len(reviews) != 1 || !reviews[0].Zero.IsZero() {
			t.Errorf("reviews %+v: want one, and no moment", reviews)
		}
	})
}

func TestABillThatNamesWhatTheCloudDoesNotKnowWaitsForAHuman(t *testing.T) {
	for want, change := range map[protocol.Code]func(*wire.SettledBody){
		cloud.CodeUnknownArticle: func(b *wire.SettledBody) { b.Answer.Lines[0].SKU = "9999" },
		cloud.CodeUnknownPlan:    func(b *wire.SettledBody) { b.Config = 77 },
		cloud.CodeUncertain:      func(b *wire.SettledBody) { b.Answer.Lines[0].Qty = -1 },
	} {
		t.Run(string(want), func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v, err := r.begin("")
				r.must(err)
				body := r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1})
				change(&body)
				r.cabinet.does(begun(v.ID))
				r.cabinet.does(body)
				later(time.Second)
				r.is(v.ID, cloud.StateReview)
				reviews, err := r.core.Visits.Reviews(t.Context(), "", 0)
				r.must(err)
				if len(reviews) != 1 || reviews[0].Why != want || r.provider.Taken(resident) != 0 {
					t.Errorf("reviews %+v, taken %s", reviews, r.provider.Taken(resident))
				}
			})
		})
	}
}

func TestAVisitIsPricedByTheListThatTheResidentSaw(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		dearer := storetest.Plan()
		dearer.Articles[0].Price = 999
		r.must(r.core.Apply(t.Context(), dearer))
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 1})
		later(time.Second)
		if got := r.is(v.ID, cloud.StateCharged); got.Total != 200 {
			t.Errorf("charged %s", got.Total)
		}
	})
}

func TestWatchersAreToldOfEveryChangeAndTheFleetAFewTimesASecond(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		changed, cancel := r.core.Visits.Watch(v.ID)
		fleet, cancelFleet := r.core.Fleet.WatchFleet()
		defer cancelFleet()
		told, fleetTold := 0, 0
		count := func() {
			select {
			case <-changed:
				told++
			default:
			}
			select {
			case <-fleet:
				fleetTold++
			default:
			}
		}
		r.cabinet.does(begun(v.ID))
		count()
		for range 100 {
			r.must(r.cabinet.say(topic.Live, wire.Live{V: 1, Cabinet: "xs-01", Visit: v.ID, Phase: wire.PhaseOpen}))
			count()
			later(10 * time.Millisecond)
		}
		if told != 101 || fleetTold < 3 || fleetTold > 5 {
			t.Errorf("told %d times of the visit, %d times of the fleet", told, fleetTold)
		}
		cancel()
		r.must(r.cabinet.say(topic.Live, wire.Live{V: 1, Cabinet: "xs-01", Visit: v.ID, Phase: wire.PhaseCounting}))
		select {
		case <-changed:
			t.Error("a cancelled watcher was told")
		default:
		}
	})
}

func TestARefundIsBookedOnce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
		r.charged400Only(v.ID)
		r.must(r.db.Update(t.Context(), func(tx cloud.Tx) error {
			all, err := tx.Ops.Of(v.ID)
			if err != nil {
				return err
			}
			return tx.Ops.Add(cloud.PaymentOp{
				ID: protocol.UUID{77}, Visit: v.ID, Person: resident, Kind: cloud.OpRefund, Amount: 400, On: all[1].ID,
				State: cloud.OpPending, Next: time.Now(), Created: time.Now(),
			})
		}))
		later(2 * time.Minute)
		r.is(v.ID, cloud.StateRefunded)
		if taken, booked := r.provider.Taken(resident), r.balance(ledger.Provider, ledger.Fen); taken != 0 || booked != 0 {
			t.Errorf("taken %s, booked %d", taken, booked)
		}
	})
}

func (r *rig) charged400Only(v protocol.VisitID) {
	r.t.Helper()
	later(time.Second)
	if got := r.is(v, cloud.StateCharged); got.Total != 400 {
		r.t.Errorf("charged %s", got.Total)
	}
}
