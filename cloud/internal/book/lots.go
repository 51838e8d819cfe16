package book

import (
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// follow lets the dates of goods go where the postings move them, before these are booked. What leaves a place for good needs
// nothing: the books have less then, and what expires first has left first.
func (b *Book) follow(tx cloud.Tx, f Fact, postings []ledger.Posting) error {
	sums := ledger.Sum(postings)
	for i, p := range sums {
		if sku := p.Unit.SKU(); sku != "" && arrives(p) && !slices.ContainsFunc(sums[:i], func(q ledger.Posting) bool { return q.Unit == p.Unit && arrives(q) }) {
			way := way{tx: tx, fact: f, sku: sku}
			if err := way.goes(sums); err != nil {
				return err
			}
		}
	}
	return nil
}

func arrives(p ledger.Posting) bool {
	_, _, _, place := p.Account.Place()
	return place && p.Amount > 0
}

// way is one article going from where it was to where it comes.
type way struct {
	tx    cloud.Tx
	fact  Fact
	sku   protocol.SKU
	lots  []cloud.Lot // that are on the way
	fresh bool        // what no lot names comes from where nobody reads dates: its shelf life begins
}

func (w *way) goes(sums []ledger.Posting) error {
	for _, p := range sums {
		if p.Unit == ledger.Article(w.sku) && p.Amount < 0 {
			if err := w.leave(p.Account, int(-p.Amount)); err != nil {
				return err
			}
		}
	}
	w.say()
	for _, p := range sums {
		if p.Unit == ledger.Article(w.sku) && arrives(p) {
			if err := w.come(p.Account, int(p.Amount)); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave takes what expires first out of a place.
func (w *way) leave(from ledger.Account, units int) error {
	kind, _, _, place := from.Place()
	w.fresh = w.fresh || from == ledger.Supplier || strings.HasPrefix(string(from), string(ledger.Opening)) || place && kind != "stock" && kind != "stray"
	if !place {
		return nil
	}
	lying, err := w.lying(from)
	if err != nil || len(lying) == 0 {
		return err
	}
	taken, left := cloud.TakeLots(lying, units)
	w.lots = append(w.lots, taken...)
	return w.put(from, left)
}

func (w *way) lying(place ledger.Account) ([]cloud.Lot, error) {
	lots, err := w.tx.Lots.Of(place, w.sku)
	if err != nil || len(lots) == 0 {
		return nil, err
	}
	book, err := w.tx.Ledger.Balance(place, ledger.Article(w.sku))
	return cloud.LyingLots(lots, int(book)), err
}

// put writes down what lies in a place now, and ends what somebody was told of lots that are gone.
func (w *way) put(place ledger.Account, lots []cloud.Lot) error {
	before, err := w.tx.Lots.Of(place, w.sku)
	if err != nil {
		return err
	}
	for _, l := range before {
		gone := !slices.ContainsFunc(lots, func(n cloud.Lot) bool { return n.Until == l.Until })
		if !gone || l.Told == "" {
			continue
		}
		if err := w.tx.Untell(l, w.fact.At); err != nil {
			return err
		}
	}
	return w.tx.Lots.Put(place, w.sku, lots)
}

// say puts what somebody read off the goods before what the books take them for.
func (w *way) say() {
	var said []cloud.Lot
	units := 0
	for _, l := range w.fact.Lots {
		if l.SKU == w.sku && l.Units > 0 {
			said = append(said, cloud.Lot{SKU: w.sku, Until: l.Until, Units: l.Units, Said: true, Since: w.fact.At})
			units += l.Units
		}
	}
	if units > 0 {
		_, rest := cloud.TakeLots(w.lots, units)
		w.lots = append(said, rest...)
	}
}

// come lays so many units into a place: those that are on the way, and for the others what their shelf life says.
func (w *way) come(to ledger.Account, units int) error {
	joined := cloud.JoinLots(to, w.lots...)
	coming, rest := cloud.TakeLots(joined, units)
	w.lots = rest
	known := 0
	for _, l := range coming {
		known += l.Units
	}
	if known < units && w.fresh {
		until, err := w.keeps()
		if err != nil {
			return err
		}
		if until != "" {
			coming = append(coming, cloud.Lot{SKU: w.sku, Until: until, Units: units - known, Since: w.fact.At})
		}
	}
	if len(coming) == 0 {
		return nil
	}
	if w.fact.New {
		return w.tx.Lots.Add(cloud.JoinLots(to, coming...))
	}
	lying, err := w.lying(to)
	if err != nil {
		return err
	}
	return w.put(to, cloud.JoinLots(to, append(lying, told(coming)...)...))
}

// told forgets what was said of lots elsewhere: where they come to, they are told of anew.
func told(lots []cloud.Lot) []cloud.Lot {
	for i := range lots {
		lots[i].Told = ""
	}
	return lots
}

// keeps is the last day of what came on the day of the fact; empty where it does not spoil.
func (w *way) keeps() (ledger.Day, error) {
	life, known := w.fact.Life[w.sku]
	if w.fact.Life == nil {
		article, err := w.tx.Plans.Article(w.sku)
		if err != nil && protocol.CodeOf(err) != cloud.CodeUnknownArticle {
			return "", err
		}
		life, known = article.ShelfLifeDays, err == nil
	}
	if !known || life <= 0 {
		return "", nil
	}
	return ledger.DayOf(w.fact.At.AddDate(0, 0, life), w.fact.zone), nil
}

// Swap says that units of the first lots of one place were taken out and as many of the first of another one were put in: the
// books have only the difference.
func Swap(tx cloud.Tx, at time.Time, sku protocol.SKU, units int, out, in ledger.Account) error {
	w := way{tx: tx, sku: sku, fact: Fact{At: at}}
	taken := map[ledger.Account][]cloud.Lot{}
	left := map[ledger.Account][]cloud.Lot{}
	for _, place := range []ledger.Account{out, in} {
		lying, err := w.lying(place)
		if err != nil {
			return err
		}
		taken[place], left[place] = cloud.TakeLots(lying, units)
	}
	for place, other := range map[ledger.Account]ledger.Account{out: in, in: out} {
		if err := w.put(place, cloud.JoinLots(place, append(left[place], told(taken[other])...)...)); err != nil {
			return err
		}
	}
	return nil
}
