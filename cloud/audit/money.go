package audit

import (
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Moved is what operations of one kind, provider and outcome moved of one person's money in all, or what is kept of one of
// their balances.
type Moved struct {
	Person   protocol.UUID
	Balance  string // prepaid or reserved, of which Amount is kept; empty: operations
	Kind     cloud.OpKind
	Provider string
	State    cloud.OpState
	Amount   int64
	Held     int64 // by the holds that these operations ended
}

// amounts holds each operation of a visit to its entry: the amount, and the accounts that it went between.
func (a *auditor) amounts(s story) error {
	for _, op := range s.ops {
		if !op.Booked {
			continue
		}
		expected, err := a.moves(s, op)
		if err != nil {
			return err
		}
		if err := a.moved(", ", "visit "+s.ID.String(), op, expected); err != nil {
			return err
		}
	}
	return nil
}

// moves is what an operation of a visit moves.
func (a *auditor) moves(s story, op Op) ([]ledger.Posting, error) {
	_, total := s.bill()
	hold, bill, prepaid := s.held(op), protocol.Fen(total), op.Provider == cloud.ProviderPrepaid
	switch {
	case op.Kind == cloud.OpCapture && op.State == cloud.OpRefused:
		return ledger.Owe(s.ID, op.Person, bill), nil
	case op.Kind == cloud.OpRelease:
		return onlyIf(prepaid, ledger.Free(s.ID, op.Person, hold), ledger.Unmark(op.Person, hold)), nil
	case op.Kind == cloud.OpHold:
		return onlyIf(prepaid, ledger.Reserve(s.ID, op.Person, op.Amount), ledger.Earmark(op.Person, op.Amount)), nil
	case op.Kind == cloud.OpCapture:
		rest := append(ledger.Owe(s.ID, op.Person, bill-op.Amount), ledger.Free(s.ID, op.Person, hold)...)
		if prepaid {
			return slices.Concat(rest, ledger.Spend(s.ID, op.Person, op.Amount), ledger.Unmark(op.Person, hold-op.Amount)), nil
		}
		return append(rest, ledger.Capture(s.ID, op.Amount)...), nil
	case op.Kind == cloud.OpPay && prepaid:
		return ledger.Settle(op.Person, op.Amount, ledger.Prepaid(op.Person)), nil
	case op.Kind == cloud.OpPay:
		return ledger.Settle(op.Person, op.Amount, ledger.Provider), nil
	case op.Kind == cloud.OpWaive:
		return ledger.Forgive(op.Person, op.Amount), nil
	case op.Kind == cloud.OpRefund:
		return a.givesBack(op, prepaid)
	}
	return nil, nil
}

// givesBack is a refund, which comes out of the turnover of the store that billed.
func (a *auditor) givesBack(op Op, prepaid bool) ([]ledger.Posting, error) {
	sale, _, err := a.books.Seller(op.Visit)
	moves := ledger.Refund(string(sale), op.Amount)
	if prepaid {
		moves = ledger.GiveBack(string(sale), op.Person, op.Amount)
	}
	turnover := ledger.Store(string(sale))
	if slices.ContainsFunc(op.Postings, func(p ledger.Posting) bool { return p.Account == turnover }) {
		for i := range moves { // It was booked before refunds had an account of their own.
			if moves[i].Account == ledger.Refunded(string(sale)) {
				moves[i].Account = turnover
			}
		}
	}
	return moves, err
}

func onlyIf(more bool, postings, others []ledger.Posting) []ledger.Posting {
	if more {
		return append(postings, others...)
	}
	return postings
}

// held is the hold that an operation ends.
func (s story) held(op Op) protocol.Fen {
	for _, hold := range s.ops {
		if hold.ID == op.On {
			return hold.Amount
		}
	}
	return 0
}

// ahead is what money moves that a person pays ahead, or gets back of it.
func ahead(op Op) []ledger.Posting {
	by := ledger.Provider
	if op.Provider == cloud.ProviderCash {
		by = ledger.Cash
	}
	if op.Kind == cloud.OpPayout {
		return ledger.PayOut(op.Person, op.Amount, by)
	}
	return ledger.TopUp(op.Person, op.Amount, by)
}

func (a *auditor) moved(behind, where string, op Op, expected []ledger.Posting) error {
	want, is := told(ordered(expected), ""), told(ordered(op.Postings), "")
	if want == is || !op.outcome() {
		return nil
	}
	return a.tell(Difference{
		Check: CheckAmount, Where: fmt.Sprintf("%s%s%s %s", where, behind, op.Kind, op.ID), Expected: want, Found: is, Refs: []ledger.Ref{ledger.OpRef(op.ID)},
	})
}

// ordered adds up postings, in the order of their accounts.
func ordered(postings []ledger.Posting) []ledger.Posting {
	sums := ledger.Sum(postings)
	slices.SortFunc(sums, func(a, b ledger.Posting) int { return comparePiles(pileOf(a), pileOf(b)) })
	return sums
}

// purse is what the operations of a person leave of their money, and of everybody's.
type purse struct {
	person            protocol.UUID
	prepaid, reserved int64 // by the operations
	has, keeps        int64 // by the balances
}

// mostPurses is for how many balances that are wrong it is asked what is behind them; of more they are told without.
const mostPurses = 200

// purses holds what is kept of each person's prepaid money, of the tills and of the provider to the operations.
func (a *auditor) purses() error {
	var one purse
	var wrong []Difference
	var cash, provider int64
	for m, err := range a.books.Moved {
		if err != nil {
			return err
		}
		if m.Person != one.person {
			if wrong, err = a.purse(one, wrong); err != nil {
				return err
			}
			one = purse{person: m.Person}
		}
		one.take(m)
		till, bank := m.elsewhere()
		cash, provider = cash+till, provider+bank
	}
	wrong, err := a.purse(one, wrong)
	if err != nil {
		return err
	}
	for _, d := range wrong {
		if d.Entries, err = a.books.Behind(ledger.Account(d.Where)); err != nil {
			return err
		}
		if err := a.tell(d); err != nil {
			return err
		}
	}
	if err := a.pile(CheckCash, ledger.Cash, cash); err != nil {
		return err
	}
	return a.pile(CheckProvider, ledger.Provider, provider)
}

// take adds up what is a person's own.
func (p *purse) take(m Moved) {
	own, done := m.Provider == cloud.ProviderPrepaid, m.State == cloud.OpDone
	switch {
	case m.Balance == "prepaid":
		p.has -= m.Amount
	case m.Balance == "reserved":
		p.keeps -= m.Amount
	case m.Kind == cloud.OpTopUp && done:
		p.prepaid += m.Amount
	case m.Kind == cloud.OpPayout && done:
		p.prepaid -= m.Amount
	case !own:
	case m.Kind == cloud.OpRelease: // A hold that cannot be released is gone as well.
		p.prepaid, p.reserved = p.prepaid+m.Held, p.reserved-m.Held
	case !done:
	case m.Kind == cloud.OpHold:
		p.prepaid, p.reserved = p.prepaid-m.Amount, p.reserved+m.Amount
	case m.Kind == cloud.OpCapture:
		p.prepaid, p.reserved = p.prepaid+m.Held-m.Amount, p.reserved-m.Held
	case m.Kind == cloud.OpRefund:
		p.prepaid += m.Amount
	case m.Kind == cloud.OpPay:
		p.prepaid -= m.Amount
	}
}

// elsewhere is what operations brought into the tills and to the provider.
func (m Moved) elsewhere() (cash, provider int64) {
	switch {
	case m.Balance != "" || m.State != cloud.OpDone || m.Provider == cloud.ProviderPrepaid:
		return 0, 0
	case m.Kind == cloud.OpTopUp && m.Provider == cloud.ProviderCash:
		return m.Amount, 0
	case m.Kind == cloud.OpPayout && m.Provider == cloud.ProviderCash:
		return -m.Amount, 0
	case m.Kind == cloud.OpTopUp || m.Kind == cloud.OpCapture || m.Kind == cloud.OpPay:
		return 0, m.Amount
	case m.Kind == cloud.OpRefund || m.Kind == cloud.OpPayout:
		return 0, -m.Amount
	}
	return 0, 0
}

// purse finds where a person's balances are not what the operations leave. What is behind them cannot be asked for while they are
// read, so that they are gathered.
func (a *auditor) purse(p purse, wrong []Difference) ([]Difference, error) {
	for _, d := range []struct {
		check        Check
		account      ledger.Account
		moved, keeps int64
	}{
		{CheckPrepaid, ledger.Prepaid(p.person), p.prepaid, p.has},
		{CheckReserved, ledger.Reserved(p.person), p.reserved, p.keeps},
	} {
		if d.moved == d.keeps {
			continue
		}
		difference := Difference{
			Check: d.check, Where: string(d.account), Expected: fmt.Sprintf("%d fen, as the operations say", d.moved), Found: fmt.Sprintf("%d fen", d.keeps),
		}
		if len(wrong) < mostPurses {
			wrong = append(wrong, difference)
		} else if err := a.tell(difference); err != nil {
			return wrong, err
		}
	}
	return wrong, nil
}

// pile holds one account to what the operations brought.
func (a *auditor) pile(check Check, account ledger.Account, moved int64) error {
	var kept int64
	for p, err := range a.books.Of(account) {
		if err != nil {
			return err
		}
		if p.Account == account && p.Unit == ledger.Fen {
			kept += p.Amount
		}
	}
	if kept == moved {
		return nil
	}
	behind, err := a.books.Behind(account)
	if err != nil {
		return err
	}
	return a.tell(Difference{
		Check: check, Where: string(account), Expected: fmt.Sprintf("%d fen, as the operations say", moved), Found: fmt.Sprintf("%d fen", kept), Entries: behind,
	})
}
