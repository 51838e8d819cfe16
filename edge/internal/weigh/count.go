package weigh

import (
	"cmp"
	"math"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// What is believed before the scale is asked.
const (
	bookErrs    = 0.03   // probability that the book is wrong about an article
	oneMore     = 0.5    // each further unit that it is wrong by is so much less likely,
	anyMore     = 0.1    // but for a part: then any number of units
	manyMore    = 100    // up to so many is as likely as one
	somethingIs = 0.0005 // probability that something lies there that is no article of this platform
	within      = 20_000 // grams that such a thing may weigh
	unitErrs    = 0.002  // share by which the mean weight of a unit may be off
	spanErrs    = 0.0003 // share by which a calibration may be off
	deviations  = 2      // articles that the book may be wrong about at once
	farOff      = 12     // units by which two articles may be off together
	covered     = 0.95   // of the probability lies from Low to High
)

// Scale is what is known of a platform's scale when it is asked for a count.
type Scale struct {
	Capacity, Division protocol.Milligrams
	Zero               protocol.Milligrams // how far it has wandered
}

// Count tells how many units of each article lie on a platform, from what it weighs: the units of the book are what is
// likely before, Goods and their spreads what each may weigh. SKUs are in the order of book.
func Count(s Scale, weight protocol.Milligrams, book []settle.Line, goods map[protocol.SKU]settle.Good) wire.Count {
	c := counting{weight: (weight - s.Zero).Grams(), book: book, best: math.Inf(-1), off: make([]int, len(book))}
	c.scale = scaleSpread(s, c.weight)
	for _, l := range book {
		g := goods[l.SKU]
		c.goods = append(c.goods, article{g.Unit.Grams(), square(g.SD.Grams()), square(unitErrs * g.Unit.Grams())})
		c.seen = append(c.seen, map[int]float64{})
	}
	for off := range c.believed {
		c.believed[off] = believed(off)
	}
	c.explore(0, deviations)
	return c.answer()
}

// scaleSpread is the standard deviation of an absolute weight, in grams.
func scaleSpread(s Scale, weight float64) float64 {
	capacity := cmp.Or(s.Capacity, ordinaryCapacity).Grams()
	return math.Sqrt(4 + square(s.Division.Grams()) + square(capacity/20_000) + square(spanErrs*weight))
}

func square(x float64) float64 { return x * x }

// counting weighs every way in which the book may be wrong.
type counting struct {
	weight, scale float64 // grams
	book          []settle.Line
	goods         []article
	believed      [manyMore + 1]float64 // by units off: the logarithm of how likely that is before
	off           []int                 // units by which the book is wrong in the way that is looked at
	best          float64
	found         []int             // the likeliest way
	total         float64           // probability of all ways, in units of exp(best)
	seen          []map[int]float64 // by article and units off but 0, in the same units
}

// article is what a unit weighs in grams, and the variances of that from unit to unit and of the mean.
type article struct{ unit, each, all float64 }

// explore looks at the book as it is and at each way to be wrong about one article from i on, and further ones.
func (c *counting) explore(i, left int) {
	c.judge()
	if left == 0 {
		return
	}
	for ; i < len(c.book); i++ {
		for _, off := range c.likely(i, left) {
			c.off[i] = off
			c.explore(i+1, left-1)
		}
		c.off[i] = 0
	}
}

// likely lists the units by which the book may be wrong about an article: a few, and those that what is left of the weight
// asks for.
func (c *counting) likely(i, left int) []int {
	mean, _ := c.expected()
	asked := int(math.Round((c.weight - mean) / c.goods[i].unit))
	var all []int
	for off := -farOff; off <= farOff && left > 1; off++ {
		all = append(all, off)
	}
	for off := asked - 2; off <= asked+2; off++ {
		all = append(all, off)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(off int) bool { return off == 0 || c.book[i].Qty+off < 0 || max(off, -off) > manyMore })
}

// expected is what everything weighs in the way that is looked at, in grams, and its variance.
func (c *counting) expected() (mean, variance float64) {
	variance = square(c.scale)
	for i, g := range c.goods {
		n := float64(max(c.book[i].Qty+c.off[i], 0))
		mean += n * g.unit
		variance += n*g.each + n*n*g.all
	}
	return mean, variance
}

func (c *counting) judge() {
	mean, variance := c.expected()
	logp := -0.5 * (square(c.weight-mean)/variance + math.Log(2*math.Pi*variance))
	for _, off := range c.off {
		logp += c.believed[max(off, -off)]
	}
	if logp > c.best {
		c.rescale(logp)
		c.found = slices.Clone(c.off)
	}
	p := math.Exp(logp - c.best)
	c.total += p
	for i, off := range c.off {
		if off != 0 {
			c.seen[i][off] += p
		}
	}
}

// believed is the logarithm of how likely a book is that is off by some units of an article, 0 or more.
func believed(off int) float64 {
	if off == 0 {
		return math.Log(1 - bookErrs)
	}
	return math.Log(bookErrs / 2 * ((1-anyMore)*(1-oneMore)*math.Pow(oneMore, float64(off-1)) + anyMore/manyMore))
}

func (c *counting) rescale(best float64) {
	factor := math.Exp(c.best - best)
	c.total *= factor
	for _, seen := range c.seen {
		for off := range seen {
			seen[off] *= factor
		}
	}
	c.best = best
}

func (c *counting) answer() wire.Count {
	other := math.Exp(math.Log(somethingIs/within) - c.best)
	out := wire.Count{Confidence: 1 / (c.total + other), Units: make([]wire.Counted, len(c.book))}
	for i, l := range c.book {
		low, high := c.interval(i)
		out.Units[i] = wire.Counted{SKU: l.SKU, Qty: max(l.Qty+c.found[i], 0), Low: max(l.Qty+low, 0), High: max(l.Qty+high, 0)}
	}
	return out
}

// interval widens from the likeliest number to the likelier side until enough is covered.
func (c *counting) interval(i int) (low, high int) {
	right := c.total
	for _, p := range c.seen[i] {
		right -= p
	}
	c.seen[i][0] = right
	low, high = c.found[i], c.found[i]
	least, most := low, high
	for off := range c.seen[i] {
		least, most = min(least, off), max(most, off)
	}
	for sum := c.seen[i][low]; sum < covered*c.total && (low > least || high < most); {
		if high == most || low > least && c.seen[i][low-1] >= c.seen[i][high+1] {
			low--
			sum += c.seen[i][low]
			continue
		}
		high++
		sum += c.seen[i][high]
	}
	return low, high
}
