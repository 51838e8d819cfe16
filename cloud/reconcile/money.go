package reconcile

import (
	"fmt"

	"allhours/protocol"
)

// Money is what a store's day moved by book. Each sum is one side of double entry, so that they add up of themselves.
type Money struct {
	Orders    int          `json:"orders"` // that were billed
	Billed    protocol.Fen `json:"billed_fen"`
	TakenBack protocol.Fen `json:"taken_back_fen"` // of what was billed: refunds, and debts that were lessened
	Captured  protocol.Fen `json:"captured_fen"`   // debts that were paid among them
	Refunded  protocol.Fen `json:"refunded_fen"`
	DebtMade  protocol.Fen `json:"debt_made_fen"`
	DebtEnded protocol.Fen `json:"debt_ended_fen"` // paid, forgiven or taken back
	Waived    protocol.Fen `json:"waived_fen"`
	UnderWay  protocol.Fen `json:"under_way_fen"` // billed, and the provider has not spoken yet; less what was so before
	Balance   protocol.Fen `json:"balance_fen"`   // paid from residents' own balances; below zero: paid ahead
	Cash      protocol.Fen `json:"cash_fen"`      // taken in the stores' tills for balances
	Held      protocol.Fen `json:"held_fen"`      // reserved
	Freed     protocol.Fen `json:"freed_fen"`     // of what was reserved
	Fees      protocol.Fen `json:"fees_fen"`      // that the provider kept, as far as its statements were taken in
}

// Owed is how much more is owed after the day than before it.
func (m Money) Owed() protocol.Fen { return m.DebtMade - m.DebtEnded }

// Check reports a day whose money does not add up: the book itself would be wrong.
func (m Money) Check() error {
	left, right := m.Billed-m.TakenBack, m.Captured-m.Refunded+m.Cash+m.Balance+m.Owed()+m.Waived+m.UnderWay
	if left != right {
		return fmt.Errorf("reconcile: %s was billed, %s is accounted for", left, right)
	}
	return nil
}

// Add adds another day or store up.
func (m Money) Add(o Money) Money {
	return Money{
		m.Orders + o.Orders, m.Billed + o.Billed, m.TakenBack + o.TakenBack, m.Captured + o.Captured, m.Refunded + o.Refunded,
		m.DebtMade + o.DebtMade, m.DebtEnded + o.DebtEnded, m.Waived + o.Waived, m.UnderWay + o.UnderWay, m.Balance + o.Balance,
		m.Cash + o.Cash, m.Held + o.Held, m.Freed + o.Freed, m.Fees + o.Fees,
	}
}

// Paid is what the provider's statement says of a day.
type Paid struct {
	Lines    int          `json:"lines"`
	Captured protocol.Fen `json:"captured_fen"`
	Refunded protocol.Fen `json:"refunded_fen"`
	Fees     protocol.Fen `json:"fees_fen"`
}

// Add adds others up.
func (p Paid) Add(o Paid) Paid {
	return Paid{p.Lines + o.Lines, p.Captured + o.Captured, p.Refunded + o.Refunded, p.Fees + o.Fees}
}

// Net is what the provider pays out.
func (p Paid) Net() protocol.Fen { return p.Captured - p.Refunded - p.Fees }

// Gap is by how much the book's captures less refunds and the statement's fees miss what the statement pays out.
func (m Money) Gap(p Paid) protocol.Fen { return m.Captured - m.Refunded - p.Fees - p.Net() }
