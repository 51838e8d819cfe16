package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

const (
	lane  = ledger.Account("stock:xs-01:S1")
	store = ledger.Account("shop:north")
)

var restocker = protocol.UUID{6: 0x70, 8: 0x80, 15: 60}

// moves asks for a movement as a member of the staff.
func (r *rig) moves(g cloud.MoveGoods) (cloud.Movement, error) {
	g.Person, g.By = restocker, "wang"
	return r.core.Goods.Move(r.t.Context(), g)
}

func water(n int) []cloud.MovedLine { return []cloud.MovedLine{{SKU: "1001", Qty: n}} }

func TestPeopleMoveGoodsInTheBooksAsTheyDidWithTheirHands(t *testing.T) {
	hands := ledger.Hands(restocker)
	for name, c := range map[string]struct {
		moves []cloud.MoveGoods
		code  protocol.Code // of the last one; empty: it is booked
		want  map[ledger.Account]int64
	}{
		"a supplier brings some": {
			[]cloud.MoveGoods{{Kind: cloud.MoveReceive, To: store, Lines: water(24)}},
			"",
			map[ledger.Account]int64{store: 24, ledger.Supplier: -24},
		},
		"what expired is written off": {
			[]cloud.MoveGoods{{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Expired, Lines: water(2)}},
			"",
			map[ledger.Account]int64{lane: 6, ledger.Off(ledger.Expired): 2},
		},
		"without a reason nothing is written off": {
			[]cloud.MoveGoods{{Kind: cloud.MoveWriteOff, From: lane, Lines: water(2)}}, protocol.CodeMalformed, map[ledger.Account]int64{lane: 8},
		},
		"another reason wants a note": {
			[]cloud.MoveGoods{{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Other, Lines: water(2)}}, protocol.CodeMalformed, map[ledger.Account]int64{lane: 8},
		},
		"another reason with a note": {
			[]cloud.MoveGoods{{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Other, Note: "a child ate it", Lines: water(1)}},
			"",
			map[ledger.Account]int64{lane: 7, ledger.Off(ledger.Other): 1},
		},
		"a count finds less": {
			[]cloud.MoveGoods{{Kind: cloud.MoveCount, From: lane, Lines: water(5)}}, "", map[ledger.Account]int64{lane: 5, ledger.Lost: 3},
		},
		"a count finds more": {
			[]cloud.MoveGoods{{Kind: cloud.MoveCount, From: lane, Lines: water(9)}}, "", map[ledger.Account]int64{lane: 9, ledger.Found: -1},
		},
		"a count finds what the books say": {
			[]cloud.MoveGoods{{Kind: cloud.MoveCount, From: lane, Lines: water(8)}}, "", map[ledger.Account]int64{lane: 8},
		},
		"out of the cabinet by hand, and into the store": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: lane, To: hands, Lines: water(3)}, {Kind: cloud.MoveTransfer, From: hands, To: store, Lines: water(3)}},
			"",
			map[ledger.Account]int64{lane: 5, hands: 0, store: 3},
		},
		"more than is there cannot be taken": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: lane, To: store, Lines: water(9)}}, cloud.CodeConflict, map[ledger.Account]int64{lane: 8, store: 0},
		},
		"a store may give what was not booked yet": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: store, To: lane, Lines: water(2)}}, "", map[ledger.Account]int64{lane: 10, store: -2},
		},
		"a platform that there is not": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: store, To: "stock:xs-01:Z9", Lines: water(2)}}, cloud.CodeNotFound, nil,
		},
		"a cabinet that there is not": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: store, To: "stock:xs-99:S1", Lines: water(2)}}, cloud.CodeUnknownCabinet, nil,
		},
		"into the hands of nobody who works here": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: store, To: "hands:anything", Lines: water(2)}}, cloud.CodeNotFound, map[ledger.Account]int64{store: 0},
		},
		"into the hands of a resident": {
			[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: store, To: ledger.Hands(resident), Lines: water(2)}}, cloud.CodeNotFound, map[ledger.Account]int64{store: 0},
		},
		"a store that there is not": {[]cloud.MoveGoods{{Kind: cloud.MoveReceive, To: "shop:south", Lines: water(2)}}, cloud.CodeNotFound, nil},
		"an article that there is not": {
			[]cloud.MoveGoods{{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{{SKU: "9999", Qty: 1}}}}, cloud.CodeUnknownArticle, nil,
		},
		"money is no goods": {[]cloud.MoveGoods{{Kind: cloud.MoveTransfer, From: "provider", To: store, Lines: water(1)}}, protocol.CodeMalformed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				err := r.db.People().AddStaff(t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()})
				r.must(err)
				for _, m := range c.moves {
					_, err = r.moves(m)
				}
				if c.code == "" && err != nil || c.code != "" && protocol.CodeOf(err) != c.code {
					t.Errorf("got %v, want code %q", err, c.code)
				}
				for account, units := range c.want {
					if got := r.balance(account, ledger.Article("1001")); got != units {
						t.Errorf("%s has %d, want %d", account, got, units)
					}
				}
				r.mustBeSound()
			})
		})
	}
}

func TestAMovementIsBookedOnceAndCorrectedOnce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		off := cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Leaked, Lines: water(2), Key: "k1"}
		first, err := r.moves(off)
		r.must(err)
		again, err := r.moves(off)
		r.must(err)
		if again.ID != first.ID {
			t.Error("it was booked twice")
		}
		off.Lines = water(3)
		if _, err := r.moves(off); protocol.CodeOf(err) != cloud.CodeKeyReused {
			t.Errorf("another request under the key: %v", err)
		}
		undo := cloud.MoveGoods{Kind: cloud.MoveCorrect, Corrects: first.ID, Key: "k2"}
		corrected, err := r.moves(undo)
		r.must(err)
		if got := r.balance(lane, ledger.Article("1001")); got != 8 {
			t.Errorf("%d left, want 8", got)
		}
		undo.Key = "k3"
		if _, err := r.moves(undo); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a second correction: %v", err)
		}
		if _, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCorrect, Corrects: corrected.ID}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a correction of a correction: %v", err)
		}
		latest, err := r.core.Goods.Movements(t.Context(), "xs-01", 10)
		r.must(err)
		if len(latest) != 2 || latest[0].Corrects != first.ID || latest[1].Reason != ledger.Leaked || latest[1].By != "wang" {
			t.Errorf("movements %+v", latest)
		}
		r.mustBeSound()
	})
}

func TestACabinetsOwnBookFollowsWhatIsMovedInIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		off := cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: lane, Reason: ledger.Damaged, Lines: water(1)}
		v, err := r.begin("")
		r.must(err)
		if _, err := r.moves(off); protocol.CodeOf(err) != cloud.CodeCabinetBusy {
			t.Errorf("beside a visit: %v", err)
		}
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
		later(time.Second)
		r.cabinet.journalled(wire.AliveBody{Selling: true, Counters: r.cabinet.counters}) // It is not sent yet.
		r.cabinet.telemetry()
		if _, err := r.moves(off); protocol.CodeOf(err) != cloud.CodeCabinetBusy {
			t.Errorf("beside what was not told: %v", err)
		}
		r.must(r.cabinet.send(r.cabinet.events...))
		_, err = r.moves(off)
		r.must(err)
		r.view(func(tx cloud.Tx) error {
			config, _, err := tx.Desired.Latest("xs-01")
			if config.Stock.Version != 2 || config.Stock.Book["S1"]["1001"] != 5 || config.Stock.Book["S2"]["1003"] != 10 {
				t.Errorf("the cabinet is told %+v", config.Stock)
			}
			return err
		})
		later(10 * time.Minute) // Nothing is heard of it.
		if _, err := r.moves(off); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("while it is away: %v", err)
		}
		r.mustBeSound()
	})
}

func TestACountThatAgreesWithTheBooksIsOfItsCabinetTheSame(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		counted, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCount, From: lane, Lines: water(8)})
		r.must(err)
		if counted.Cabinet != "xs-01" || counted.Store != "north" {
			t.Errorf("it is of cabinet %q in store %q", counted.Cabinet, counted.Store)
		}
		if _, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCorrect, Corrects: counted.ID}); err != nil {
			t.Error(err)
		}
		latest, err := r.core.Goods.Movements(t.Context(), "xs-01", 10)
		r.must(err)
		if len(latest) != 2 {
			t.Errorf("the cabinet has %+v: want the count and its correction", latest)
		}
		for place, code := range map[ledger.Account]protocol.Code{"stock:xs-99:S1": cloud.CodeUnknownCabinet, "stock:xs-01:Z9": cloud.CodeNotFound, "shop:south": cloud.CodeNotFound} {
			if _, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveCount, From: place, Lines: water(0)}); protocol.CodeOf(err) != code {
				t.Errorf("nothing is counted in %s: %v, want %s", place, err, code)
			}
		}
	})
}
