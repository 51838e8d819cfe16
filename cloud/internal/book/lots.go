package book

import (
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
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
	came  []ledger.Account
	fresh bool // what no lot names comes from where nobody reads dates: its shelf life begins
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
	taken, left := w.named(kind, lying, units)
	w.lots = append(w.lots, taken...)
	return w.put(from, left)
}

// named splits the lots of a place into what leaves and what stays: the lots that are named, then what expires first. What was
// taken out of a lane nobody has named.
func (w *way) named(kind string, lying []cloud.Lot, units int) (taken, left []cloud.Lot) {
	left = lying
	for _, n := range w.fact.Lots {
		if !n.Named || n.SKU != w.sku || kind == "stock" || kind == "stray" {
			continue
		}
		some, rest := oneDay(left, n.Until, min(n.Units, units))
		taken, left, units = append(taken, some...), rest, units-covered(n, some, units)
	}
	some, rest := cloud.TakeLots(left, units)
	return append(taken, some...), rest
}

// covered is for how many of the units that are left a named lot speaks: those of no known day are there wherever no lot names them.
func covered(n cloud.SaidLot, some []cloud.Lot, units int) int {
	if n.Until == "" {
		return min(n.Units, units)
	}
	return picking.Count(cloud.PlainLots(some))
}

// oneDay splits so many units of one day off; fewer where there are fewer.
func oneDay(lots []cloud.Lot, until ledger.Day, units int) (some, rest []cloud.Lot) {
	for _, l := range lots {
		n := 0
		if l.Until == until {
			n = min(l.Units, max(units, 0))
		}
		if n > 0 {
			part := l
			part.Units = n
			some = append(some, part)
		}
		if l.Units -= n; l.Units > 0 {
			rest = append(rest, l)
		}
	}
	return some, rest
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
		if l.SKU == w.sku && l.Units > 0 && !l.Named {
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
	coming := w.arriving(to, units)
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

// arriving takes so many units off what is on the way: those that were named for this place, then what expires first of those
// that are named for no place that goods are still to come to.
func (w *way) arriving(to ledger.Account, units int) (coming []cloud.Lot) {
	w.lots = cloud.JoinLots(to, w.lots...)
	w.came = append(w.came, to)
	var elsewhere []cloud.Lot
	for _, n := range w.fact.Lots {
		if n.Named && n.SKU == w.sku && n.Place == to {
			some, rest := oneDay(w.lots, n.Until, min(n.Units, units))
			coming, w.lots, units = append(coming, some...), rest, units-covered(n, some, units)
		}
	}
	for _, n := range w.fact.Lots {
		if n.Named && n.SKU == w.sku && n.Place != "" && !slices.Contains(w.came, n.Place) {
			some, rest := oneDay(w.lots, n.Until, n.Units)
			elsewhere, w.lots = append(elsewhere, some...), rest
		}
	}
	some, rest := cloud.TakeLots(w.lots, units)
	w.lots = append(elsewhere, rest...)
	return append(coming, some...)
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

// Redate says until when units may be sold that have come to a place, as somebody read it off them. Before they were taken for
// those of the lots that are named; more than those are taken off what has no known day, then off what expires last.
func Redate(tx cloud.Tx, at time.Time, sku protocol.SKU, place ledger.Account, named, said []picking.Lot) error {
	w := way{tx: tx, sku: sku, fact: Fact{At: at}}
	left, err := w.lying(place)
	if err != nil {
		return err
	}
	book, err := tx.Ledger.Balance(place, ledger.Article(sku))
	if err != nil {
		return err
	}
	undated := max(int(book), 0) - picking.Count(cloud.PlainLots(left))
	units := picking.Count(said)
	for _, n := range named {
		if n.Until == "" {
			continue
		}
		some, rest := oneDay(left, n.Until, min(n.Units, units))
		left, units = rest, units-picking.Count(cloud.PlainLots(some))
	}
	units -= min(units, undated)
	for _, l := range slices.Backward(slices.Clone(left)) {
		some, rest := oneDay(left, l.Until, units)
		left, units = rest, units-picking.Count(cloud.PlainLots(some))
	}
	for _, l := range said {
		if n := min(l.Units, max(int(book), 0)-picking.Count(cloud.PlainLots(left))); n > 0 {
			left = append(left, cloud.Lot{SKU: sku, Until: l.Until, Units: n, Said: true, Since: at})
		}
	}
	return w.put(place, cloud.JoinLots(place, left...))
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
