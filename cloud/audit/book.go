package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

func compareIDs(a, b protocol.UUID) int { return bytes.Compare(a[:], b[:]) }

// entries holds each entry to its postings, and to what it was made from.
func (a *auditor) entries() error {
	lines := beside(a.books.Lines, func(l Line) protocol.UUID { return l.Entry }, compareIDs)
	defer lines.stop()
	orphan := func(l Line) error {
		a.looked.Postings++
		return a.tell(Difference{
			Check: CheckEntry, Where: "entry " + l.Entry.String(), Expected: "an entry that closes its postings",
			Found: fmt.Sprintf("none; %s %s %d", l.Account, l.Unit, l.Amount),
		})
	}
	for e, err := range a.books.Entries {
		if err != nil {
			return err
		}
		postings, err := lines.to(e.ID, orphan)
		if err != nil {
			return err
		}
		a.looked.Entries++
		a.looked.Postings += len(postings)
		if err := a.entry(e, postings); err != nil {
			return err
		}
	}
	return lines.rest(orphan)
}

func (a *auditor) entry(e ledger.Entry, lines []Line) error {
	where := "entry " + e.ID.String()
	sums := make(map[ledger.Unit]int64)
	for _, l := range lines {
		sums[l.Unit] += l.Amount
	}
	for _, unit := range slices.Sorted(maps.Keys(sums)) {
		if sums[unit] == 0 {
			continue
		}
		if err := a.tell(Difference{
			Check: CheckEntry, Where: where, Expected: fmt.Sprintf("0 %s", unit), Found: fmt.Sprintf("%+d %s", sums[unit], unit), Refs: []ledger.Ref{e.Ref},
		}); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		if err := a.tell(Difference{Check: CheckEntry, Where: where, Expected: "postings", Found: "none", Refs: []ledger.Ref{e.Ref}}); err != nil {
			return err
		}
	}
	for _, l := range lines {
		if old := e.Store == "" && e.Cabinet == "" && l.Pile == l.Account; old || l.Pile == e.Pile(l.Posting) {
			continue
		}
		if err := a.tell(Difference{
			Check: CheckDay, Where: where + ", " + string(l.Account), Expected: "pile " + string(e.Pile(l.Posting)), Found: "pile " + string(l.Pile), Refs: []ledger.Ref{e.Ref},
		}); err != nil {
			return err
		}
	}
	known, err := a.books.Known(e.Ref)
	if err != nil || known {
		return err
	}
	return a.tell(Difference{Check: CheckRef, Where: where, Expected: "what it was made from", Found: "nothing of that name that makes an entry", Refs: []ledger.Ref{e.Ref}})
}

// pile is where amounts are counted.
type pile struct {
	account ledger.Account
	unit    ledger.Unit
}

func pileOf(p ledger.Posting) pile { return pile{p.Account, p.Unit} }

func comparePiles(a, b pile) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.unit, b.unit))
}

// balances holds what is kept of each account to its postings. A balance of zero need not be kept.
func (a *auditor) balances() error {
	kept := beside(a.books.Balances, pileOf, comparePiles)
	defer kept.stop()
	unmade := func(p ledger.Posting) error { return a.balance(pileOf(p), 0, p.Amount) }
	for sum, err := range a.books.Sums {
		if err != nil {
			return err
		}
		a.looked.Accounts++
		found, err := kept.to(pileOf(sum), unmade)
		if err != nil {
			return err
		}
		amount := int64(0)
		for _, p := range found {
			amount += p.Amount
		}
		if err := a.balance(pileOf(sum), sum.Amount, amount); err != nil {
			return err
		}
	}
	return kept.rest(unmade)
}

func (a *auditor) balance(at pile, posted, kept int64) error {
	if posted == kept {
		return nil
	}
	refs, err := a.books.Refs(at.account)
	if err != nil {
		return err
	}
	return a.tell(Difference{
		Check: CheckBalance, Where: string(at.account), Expected: amountOf(posted, at.unit), Found: amountOf(kept, at.unit), Refs: refs,
	})
}

// days holds what is kept of each day to its postings, and each closing to the days before it.
func (a *auditor) days() error {
	var at pile
	var closing int64
	for d, err := range a.books.Days {
		if err != nil {
			return err
		}
		if next := (pile{d.Pile, d.Unit}); next != at {
			at, closing = next, 0
		}
		closing += d.Posted
		if d.Kept && d.Posted == d.Change && d.Closing == closing {
			continue
		}
		found := "no row"
		if d.Kept {
			found = fmt.Sprintf("%+d, closing with %d %s", d.Change, d.Closing, d.Unit)
		}
		if err := a.tell(Difference{
			Check: CheckDay, Where: fmt.Sprintf("%s on %s", d.Pile, d.Day), Expected: fmt.Sprintf("%+d, closing with %d %s", d.Posted, closing, d.Unit), Found: found,
		}); err != nil {
			return err
		}
	}
	return nil
}

func amountOf(n int64, unit ledger.Unit) string { return fmt.Sprintf("%d %s", n, unit) }

// visitOf reads the visit that an account is of; false where it is of none.
func visitOf(a ledger.Account) (protocol.VisitID, bool) {
	_, text, _ := strings.Cut(string(a), ":")
	id, err := protocol.ParseUUID(text)
	return id, err == nil
}
