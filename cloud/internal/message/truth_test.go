package message

import (
	"errors"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// objected is an objection to the visit that was bought, with its ruling.
func objected(n byte, given protocol.Fen, at time.Time) func(tx cloud.Tx) error {
	return func(tx cloud.Tx) error {
		d := protocol.UUID{6: 0x70, 8: 0x80, 15: n}
		return errors.Join(
			tx.Disputes.Add(cloud.Dispute{ID: d, Visit: bought, Person: resident, At: at, Lines: []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: cloud.ComplaintOther}}}),
			tx.Disputes.Rule(cloud.Ruling{Dispute: d, Visit: bought, Person: resident, By: "li", Role: protocol.RoleManager, At: at, Refund: given, Reason: "seen"}))
	}
}

// gone is money that the provider gave back of a ruling, or refused to.
func gone(op, dispute byte, state cloud.OpState) func(tx cloud.Tx) error {
	return func(tx cloud.Tx) error {
		of := func(n byte) protocol.UUID { return protocol.UUID{6: 0x70, 8: 0x80, 15: n} }
		if _, err := tx.Ops.Find(of(70)); protocol.CodeOf(err) == cloud.CodeNotFound {
			capture := cloud.PaymentOp{ID: of(70), Visit: bought, Person: resident, Kind: cloud.OpCapture, Amount: 950, State: cloud.OpDone, Created: noon}
			if err := tx.Ops.Add(capture); err != nil {
				return err
			}
		}
		refund := cloud.PaymentOp{ID: of(op), Visit: bought, Person: resident, Kind: cloud.OpRefund, Amount: 200, On: of(70), State: cloud.OpPending, Created: noon}
		return errors.Join(tx.Ops.Add(refund), tx.Refunds.Add(of(op), of(dispute)), tx.Ops.Move(of(op), state, 1, time.Time{}))
	}
}

// owes books what a person owes in all.
func owes(amount protocol.Fen) func(tx cloud.Tx) error {
	return func(tx cloud.Tx) error {
		return tx.Ledger.Post(ledger.Entry{
			ID: protocol.UUID{6: 0x70, 8: 0x80, 15: 90}, At: noon, Ref: "op:x", Day: "2026-03-02", Postings: ledger.Owe(bought, resident, amount),
		})
	}
}

func TestWhatIsTrueNoMoreIsNotTold(t *testing.T) {
	lessen := func(by protocol.Fen) func(cloud.Tx) error {
		return func(tx cloud.Tx) error { return tx.Debts.Lessen(bought, by) }
	}
	for _, c := range []struct {
		name   string
		kind   cloud.MessageKind
		of     byte // 0: the visit
		before func(tx cloud.Tx) error
		night  func(tx cloud.Tx) error // happens while the message waits for the morning
		why    cloud.MessageWhy
		told   string // a part of what is told; empty: nothing is
	}{
		{"a debt that nobody paid", cloud.MessageDebt, 0, nil, nil, "", "¥9.50 of your visit"},
		{"a debt that was paid, or waived, in the night", cloud.MessageDebt, 0, nil, lessen(950), cloud.MessageOver, ""},
		{"a debt of which a part was forgiven is told as it is now", cloud.MessageDebt, 0, nil, lessen(400), "", "¥5.50 of your visit"},
		{"the last word on a debt that was paid in the night", cloud.MessageDebtLast, 0, nil, lessen(950), cloud.MessageOver, ""},
		{"the last word on a debt", cloud.MessageDebtLast, 0, nil, nil, "", "for four weeks ¥9.50 of your visit"},
		{"a paid debt, and nothing else is owed", cloud.MessageDebtPaid, 0, nil, nil, "", "Doors open again"},
		{"a paid debt beside one of another visit opens no door", cloud.MessageDebtPaid, 0, nil, owes(300), "", "¥3.00 are left"},
		{"a waived debt stays waived", cloud.MessageDebtWaived, 0, nil, owes(300), "", "you need not pay the ¥9.50"},
		{"a receipt that its reader wants no more", cloud.MessageReceipt, 0, nil, func(tx cloud.Tx) error { return tx.Wishes.Save(resident, cloud.Wishes{Lang: "en"}) }, cloud.MessageUnwanted, ""},
		{"a refund that was refused and still is", cloud.MessageRefundRefused, 71, func(tx cloud.Tx) error {
			return errors.Join(objected(60, 200, noon)(tx), gone(71, 60, cloud.OpRefused)(tx))
		}, nil, "", "could not be given back yet"},
		{"a refund that was refused and came back since", cloud.MessageRefundRefused, 71, func(tx cloud.Tx) error {
			return errors.Join(objected(60, 200, noon)(tx), gone(71, 60, cloud.OpRefused)(tx))
		}, gone(72, 60, cloud.OpDone), cloud.MessageOver, ""},
		{"a refused objection", cloud.MessageDisputeRefused, 60, objected(60, 0, noon), nil, "", "The bill stands"},
		{"one that was refused once more", cloud.MessageDisputeRefused, 60, objected(60, 0, noon), objected(61, 0, noon.Add(time.Hour)), "", "The bill stands"},
		{"one that was granted after all", cloud.MessageDisputeRefused, 60, objected(60, 0, noon), objected(61, 200, noon.Add(time.Hour)), cloud.MessageOverruled, ""},
		{"one that was refused after another was granted", cloud.MessageDisputeRefused, 61, objected(60, 200, noon), objected(61, 0, noon.Add(time.Hour)), "", "The bill stands"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.now = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC) // two at night in the chain's zone
			of := bought
			if c.of != 0 {
				of = protocol.UUID{6: 0x70, 8: 0x80, 15: c.of}
			}
			ref := cloud.MessageRef(c.kind, of.String())
			r.update(func(tx cloud.Tx) error {
				if c.before != nil {
					if err := c.before(tx); err != nil {
						return err
					}
				}
				m := cloud.Message{Ref: ref, Kind: c.kind, Person: resident, Visit: bought, Amount: 950}
				return errors.Join(tx.Wishes.Save(resident, cloud.Wishes{Lang: "en", Receipts: true}), r.Tell(tx, m))
			})
			r.after(time.Hour)
			if c.night != nil {
				r.update(c.night)
			}
			r.after(6 * time.Hour)
			var m cloud.OutMessage
			r.update(func(tx cloud.Tx) (err error) { m, _, err = tx.Messages.Find(ref); return err })
			if m.Why != c.why || m.Ended.IsZero() || (m.State == cloud.MessageUnneeded) != (c.why != "") {
				t.Errorf("it is %s, because %q: want %q", m.State, m.Why, c.why)
			}
			if len(r.to.taken) != min(len(c.told), 1) {
				t.Fatalf("told %d times: %+v", len(r.to.taken), r.to.taken)
			}
			if c.told != "" && !strings.Contains(r.to.taken[0].Text, c.told) {
				t.Errorf("told %q, want %q in it", r.to.taken[0].Text, c.told)
			}
		})
	}
}
