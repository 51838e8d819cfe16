package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"allhours/cloud/ledger"
)

// stock shows where a cabinet's own account of a platform is another one than the books'. Nothing is wrong with the books
// where it is: the goods of a review are out of them, and somebody may have put a can elsewhere.
func (a *auditor) stock() error {
	booked := beside(a.books.Of("stock:"), func(p ledger.Posting) ledger.Account { return p.Account }, cmp.Compare[ledger.Account])
	defer booked.stop()
	below := func(p ledger.Posting) error { return a.belowZero(p) }
	for l, err := range a.books.Levels {
		if err != nil {
			return err
		}
		account := ledger.Stock(l.Cabinet, l.Platform)
		postings, err := booked.to(account, below)
		if err != nil {
			return err
		}
		units := make(map[ledger.Unit]int64)
		for _, p := range postings {
			units[p.Unit] += p.Amount
		}
		told := make(map[ledger.Unit]int64)
		for _, u := range l.Units {
			told[ledger.Article(u.SKU)] += int64(u.Qty)
		}
		if err := a.level(account, told, units); err != nil {
			return err
		}
	}
	return booked.rest(below)
}

func (a *auditor) level(account ledger.Account, told, booked map[ledger.Unit]int64) error {
	all := maps.Clone(told)
	maps.Copy(all, booked)
	for _, unit := range slices.Sorted(maps.Keys(all)) {
		if told[unit] == booked[unit] {
			continue
		}
		if err := a.tell(Difference{
			Check: CheckStock, Where: string(account), Shown: true,
			Expected: fmt.Sprintf("%d of %s by the books", booked[unit], sku(unit)), Found: fmt.Sprintf("%d by the cabinet", told[unit]),
		}); err != nil {
			return err
		}
	}
	return nil
}

func (a *auditor) belowZero(p ledger.Posting) error {
	if p.Amount >= 0 {
		return nil
	}
	return a.tell(Difference{Check: CheckStock, Where: string(p.Account), Shown: true, Expected: "no less than nothing", Found: amountOf(p.Amount, p.Unit)})
}

func sku(unit ledger.Unit) string { return strings.TrimPrefix(string(unit), "sku:") }
