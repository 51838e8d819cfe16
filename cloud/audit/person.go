package audit

import (
	"fmt"
	"maps"
	"slices"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// topUps holds what persons paid ahead, and got back, to its entries.
func (a *auditor) topUps() error {
	for op, err := range a.books.TopUps {
		if err != nil {
			return err
		}
		a.looked.Operations++
		if d, differs := op.booked(); differs {
			d.Refs = []ledger.Ref{ledger.OpRef(op.ID)}
			if err := a.tell(d); err != nil {
				return err
			}
		}
		if !op.Booked {
			continue
		}
		if err := a.moved("", "", op, ahead(op)); err != nil {
			return err
		}
	}
	return nil
}

// debts holds what persons owe to their owed visits.
func (a *auditor) debts(owed map[protocol.UUID]int64) error {
	for p, err := range a.books.Of("debt:") {
		if err != nil {
			return err
		}
		person, _ := visitOf(p.Account)
		if err := a.debt(person, owed[person], p.Amount); err != nil {
			return err
		}
		delete(owed, person)
	}
	for _, person := range slices.SortedFunc(maps.Keys(owed), compareIDs) {
		if err := a.debt(person, owed[person], 0); err != nil {
			return err
		}
	}
	return nil
}

func (a *auditor) debt(person protocol.UUID, owed, booked int64) error {
	if owed == booked {
		return nil
	}
	refs, err := a.books.Refs(ledger.Debt(person))
	if err != nil {
		return err
	}
	return a.tell(Difference{
		Check: CheckDebt, Where: string(ledger.Debt(person)), Expected: fmt.Sprintf("%d fen, as the owed visits say", owed), Found: fmt.Sprintf("%d fen", booked), Refs: refs,
	})
}
