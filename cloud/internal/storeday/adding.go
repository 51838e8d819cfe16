package storeday

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// adding is a day that is being added up.
type adding struct {
	s        *Service
	tx       cloud.Tx
	shown    cloud.StoreID // as it is named outside
	store    cloud.StoreID // in the books; empty: the chain's own
	name     cloud.Text
	day      ledger.Day
	zone     *time.Location
	from, to time.Time
	until    time.Time // its end, or now
	over     bool
	cabinets []cloud.Cabinet
	stays    map[protocol.CabinetID][]cloud.Stay // around the day, with whichever store
	began    map[place]int64                     // units that the day began with, whoever's they were
	facts    map[protocol.CabinetID]reconcile.Facts
	doubted  []cloud.DoubtSum
}

// up adds the day up.
func (a *adding) up() (d cloud.StoreDay, err error) {
	d = cloud.StoreDay{Store: a.shown, Day: a.day, Over: a.over}
	piles, err := a.tx.Days.Piles(a.store, a.day)
	if err != nil {
		return d, err
	}
	d.Money = reconcile.Moneys(piles)
	if err := a.booked(piles); err != nil {
		return d, err
	}
	d.Moves = a.moves()
	if a.store == "" {
		piles = nil // Goods of no store are on the road between stores, and on nobody's shelves.
	}
	if err := a.goods(&d, piles); err != nil {
		return d, err
	}
	if err := a.statement(&d); err != nil {
		return d, err
	}
	return d, a.unsettled(&d)
}

// goods fills in what lies on the shelves, what differs and why, and what was earned.
func (a *adding) goods(d *cloud.StoreDay, piles []reconcile.Pile) error {
	shelves, err := a.shelves()
	if err != nil {
		return err
	}
	d.Goods = reconcile.Book(shelves, piles)
	if err := a.weigh(d.Goods); err != nil {
		return err
	}
	if err := a.look(); err != nil {
		return err
	}
	sales, err := a.sales(piles)
	if err != nil {
		return err
	}
	if err := a.articles(d, sales); err != nil {
		return err
	}
	cost := make(map[protocol.SKU]protocol.Fen, len(d.Articles))
	for sku, article := range d.Articles {
		cost[sku] = article.Cost
	}
	d.Differences = reconcile.Differences(d.Goods, a.facts, cost, a.until)
	d.Earned = reconcile.Earn(d.Goods, sales, d.Articles)
	return nil
}

// sales are what was billed on the day, and what was given back or came back of earlier bills.
func (a *adding) sales(piles []reconcile.Pile) ([]reconcile.Sale, error) {
	sales, err := a.tx.Days.Sales(a.store, a.day)
	if err != nil {
		return nil, err
	}
	back, err := a.tx.Days.GivenBack(a.store, a.day)
	return slices.Concat(sales, reconcile.Divide(back), reconcile.Returned(piles)), err
}

// articles are what the goods cost at the end of the day: those on the shelves, and those of a bill that was changed, which may have
// been sold out all day.
func (a *adding) articles(d *cloud.StoreDay, sales []reconcile.Sale) error {
	known, err := a.s.Catalog.Articles(a.tx)
	if err != nil {
		return err
	}
	cost, err := a.tx.Costs.At(a.until)
	if err != nil {
		return err
	}
	d.Articles = make(map[protocol.SKU]reconcile.Article)
	put := func(sku protocol.SKU) {
		article := known[sku]
		if then, told := cost[sku]; told {
			article.Cost = then
		}
		d.Articles[sku] = reconcile.Article{Cost: article.Cost, VATPercent: article.VATPercent}
	}
	for _, g := range d.Goods {
		put(g.SKU)
	}
	for _, s := range sales {
		put(s.SKU)
	}
	return nil
}

// shelves reads the stock of each platform at both ends of the day.
func (a *adding) shelves() ([]reconcile.Shelf, error) {
	var all []reconcile.Shelf
	for _, c := range a.cabinets {
		for _, kind := range []string{"stock:", "stray:"} {
			prefix := ledger.Account(kind + string(c.ID) + ":")
			closing, err := a.tx.Ledger.Closing(prefix, a.day)
			if err != nil {
				return nil, err
			}
			changes, err := a.tx.Ledger.Changes(prefix, a.day)
			if err != nil {
				return nil, err
			}
			all = append(all, a.own(shelvesOf(c.ID, prefix, closing, changes))...)
		}
	}
	return all, nil
}

func shelvesOf(cabinet protocol.CabinetID, prefix ledger.Account, closing, changes []ledger.Posting) []reconcile.Shelf {
	type spot struct {
		account ledger.Account
		unit    ledger.Unit
	}
	found := make(map[spot]*reconcile.Shelf)
	var order []spot
	shelf := func(p ledger.Posting) *reconcile.Shelf {
		at := spot{p.Account, p.Unit}
		if found[at] == nil {
			found[at] = &reconcile.Shelf{
				Cabinet: cabinet, Platform: protocol.PlatformID(strings.TrimPrefix(string(p.Account), string(prefix))),
				SKU: protocol.SKU(strings.TrimPrefix(string(p.Unit), "sku:")), Stray: strings.HasPrefix(string(prefix), "stray:"),
			}
			order = append(order, at)
		}
		return found[at]
	}
	for _, p := range closing {
		s := shelf(p)
		s.Closing, s.Opening = p.Amount, p.Amount
	}
	for _, p := range changes {
		shelf(p).Opening -= p.Amount
	}
	all := make([]reconcile.Shelf, 0, len(order))
	for _, at := range order {
		all = append(all, *found[at])
	}
	return all
}

// place is one article in one cabinet.
type place struct {
	cabinet protocol.CabinetID
	sku     protocol.SKU
}

// late adds up what was booked late: on this day, and for it.
func (a *adding) late() (here, belonging []cloud.LateSum, err error) {
	found, err := a.tx.Days.Late(a.store, a.day)
	if err != nil {
		return nil, nil, err
	}
	type days struct{ belonged, booked ledger.Day }
	piles := make(map[days][]reconcile.Pile)
	var order []days
	for _, p := range found {
		at := days{p.Belonged, p.Booked}
		if piles[at] == nil {
			order = append(order, at)
		}
		piles[at] = append(piles[at], p.Pile)
	}
	slices.SortFunc(order, func(x, y days) int {
		return strings.Compare(string(x.belonged+x.booked), string(y.belonged+y.booked))
	})
	for _, at := range order {
		sum := cloud.LateSum{Belonged: at.belonged, Booked: at.booked, Money: reconcile.Moneys(piles[at]), Flows: reconcile.Flows(piles[at])}
		if at.belonged == a.day {
			belonging = append(belonging, sum)
		} else {
			here = append(here, sum)
		}
	}
	return here, belonging, nil
}

// doubts adds up what is booked on this day or may belong to it, and of which no clock says so.
func (a *adding) doubts() ([]cloud.DoubtSum, error) {
	found, err := a.tx.Doubts.Of(a.store, a.day)
	if err != nil {
		return nil, err
	}
	type group struct {
		cabinet             protocol.CabinetID
		booked, first, last ledger.Day
	}
	piles := make(map[group][]reconcile.Pile)
	for _, p := range found {
		at := group{p.Cabinet, p.Booked, p.First, p.Last}
		piles[at] = append(piles[at], p.Pile)
	}
	sums := make([]cloud.DoubtSum, 0, len(piles))
	for at, of := range piles {
		sums = append(sums, cloud.DoubtSum{
			Cabinet: at.cabinet, Booked: at.booked, First: at.first, Last: at.last, Money: reconcile.Moneys(of), Flows: reconcile.Flows(of),
		})
	}
	slices.SortFunc(sums, func(x, y cloud.DoubtSum) int {
		return cmp.Or(cmp.Compare(x.Cabinet, y.Cabinet), cmp.Compare(x.First, y.First), cmp.Compare(x.Last, y.Last), cmp.Compare(x.Booked, y.Booked))
	})
	return sums, nil
}
