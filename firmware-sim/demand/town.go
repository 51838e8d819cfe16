package demand

import (
	"math"
	"math/rand/v2"
	"time"

	"allhours/protocol"
)

// Article is one that the town's cabinets may have.
type Article struct {
	SKU       protocol.SKU
	Category  string
	Price     protocol.Fen
	Essential bool
}

// Town is what a neighbourhood is made of. Days, hours, cabinets and articles are counted from 0; hours are those of the
// town's own clocks, from First 00:00 on.
type Town struct {
	First    time.Time // its date counts
	Days     int
	Cabinets int
	Stores   int // a cabinet stands around store cabinet % Stores
	Articles []Article
	Off      map[int]bool // days that are public holidays
	Made     map[int]bool // weekends on which people work
	PerDay   float64      // units a day that an ordinary cabinet with 30 articles is asked for; 0: 36
}

// Demand is a neighbourhood with its wishes.
type Demand struct {
	seed     uint64
	town     Town
	traits   traits
	articles []article
	cabinets []cabinet
	weather  []float64            // of each day, in standard deviations from what is usual in the year
	swing    map[string][]float64 // of each category, day by day
}

// traits are what towns differ by.
type traits struct {
	level, taste, likes  float64 // spread, as logarithms, of cabinets, of their tastes by category and by article
	zipf                 float64 // how fast the articles of a category fall behind its first
	night                float64 // weight of the hours in which the store is shut
	weekend              float64 // at home, against working days
	heat                 float64 // what a standard deviation of warmth does to cold drinks
	day, pair            float64 // spread of the days' own chance, of a cabinet and of an article in it
	promotions, happened float64 // begin so often a day: of an article in the chain, around a cabinet
	drift                float64 // of a cabinet's level, a day
	peaks                [len(peaks)]float64
}

type article struct {
	Article
	popularity float64 // units a day, in an ordinary cabinet
	habit      habit
	from, to   int       // days on which it exists, and is wanted
	promoted   []float64 // of each day
	sizes      [3]float64
}

type cabinet struct {
	work   float64 // 0 among homes, 1 among offices
	from   int     // the day on which it is put up
	level  []float64
	tastes map[string]float64
	likes  []float64                  // of each article
	hours  map[string]*[3][24]float64 // of each category: what each hour has of a working day, a Friday and a free day

	offline []bool // of each hour
}

// New makes a neighbourhood.
func New(seed uint64, town Town) *Demand {
	d := &Demand{seed: seed, town: town, swing: map[string][]float64{}}
	if d.town.PerDay == 0 {
		d.town.PerDay = 36
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	d.traits = drawTraits(rng)
	d.makeWeather(rng)
	d.makeArticles(rng)
	for range town.Cabinets {
		d.cabinets = append(d.cabinets, d.makeCabinet(rng))
	}
	return d
}

func drawTraits(rng *rand.Rand) traits {
	t := traits{
		level: between(rng, 0.35, 0.7), taste: between(rng, 0.15, 0.45), likes: between(rng, 0.25, 0.6), zipf: between(rng, 0.5, 1.1),
		night: between(rng, 0.9, 2.4), weekend: between(rng, 0.95, 1.35), heat: between(rng, 0.08, 0.22),
		day: between(rng, 0.05, 0.15), pair: between(rng, 0.05, 0.2),
		promotions: between(rng, 0.002, 0.006), happened: between(rng, 0.005, 0.02), drift: between(rng, 0.005, 0.02),
	}
	for n, p := range peaks {
		t.peaks[n] = p.at + rng.NormFloat64()*0.4
	}
	return t
}

func between(rng *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }

// spread draws a factor with mean 1 whose logarithm has this standard deviation.
func spread(rng *rand.Rand, sd float64) float64 { return math.Exp(rng.NormFloat64()*sd - sd*sd/2) }

// makeArticles gives each article its place behind the others of its category: what comes first has no rank by its number.
func (d *Demand) makeArticles(rng *rand.Rand) {
	ranks, sum := map[string]int{}, 0.0
	for _, n := range rng.Perm(len(d.town.Articles)) {
		ranks[d.town.Articles[n].Category+"/"+string(d.town.Articles[n].SKU)] = ranks[d.town.Articles[n].Category]
		ranks[d.town.Articles[n].Category]++
	}
	for _, a := range d.town.Articles {
		h := habitOf(a.Category)
		made := article{Article: a, habit: h, to: d.town.Days, sizes: h.sizes}
		made.popularity = h.share / math.Pow(float64(1+ranks[a.Category+"/"+string(a.SKU)]), d.traits.zipf) * spread(rng, 0.25)
		sum += made.popularity
		switch u := rng.Float64(); {
		case u < 0.12:
			made.from = rng.IntN(d.town.Days)
		case u < 0.16:
			made.to = rng.IntN(d.town.Days) + 1
		}
		made.promoted = d.promotions(rng)
		d.articles = append(d.articles, made)
	}
	for n := range d.articles {
		d.articles[n].popularity *= d.town.PerDay / 30 * float64(len(d.articles)) / sum
	}
}

// promotions of an article last one or two weeks.
func (d *Demand) promotions(rng *rand.Rand) []float64 {
	of := ones(d.town.Days)
	for day := 0; day < d.town.Days; day++ {
		if rng.Float64() >= d.traits.promotions {
			continue
		}
		factor, days := between(rng, 1.3, 2.5), 7*(1+rng.IntN(2))
		for ; days > 0 && day < d.town.Days; days, day = days-1, day+1 {
			of[day] = factor
		}
	}
	return of
}

func (d *Demand) makeCabinet(rng *rand.Rand) cabinet {
	c := cabinet{tastes: map[string]float64{}, hours: map[string]*[3][24]float64{}, level: ones(d.town.Days)}
	if rng.Float64() < 0.25 {
		c.work = rng.Float64()
	} else {
		c.work = 0.2 * rng.Float64()
	}
	if rng.Float64() < 0.1 {
		c.from = rng.IntN(d.town.Days)
	}
	level := spread(rng, d.traits.level)
	for day := range c.level {
		level *= math.Exp(rng.NormFloat64() * d.traits.drift)
		c.level[day] *= level * spread(rng, d.traits.day)
		if rng.Float64() < d.traits.happened { // Works in the street, a fair, the lift out of order.
			factor, days := spread(rng, 0.4), 1+rng.IntN(10)
			for n := day; n < min(day+days, len(c.level)); n++ {
				c.level[n] *= factor
			}
		}
	}
	for _, h := range habits {
		c.tastes[h.category] = spread(rng, d.traits.taste)
		c.hours[h.category] = d.makeHours(rng, h, c.work)
	}
	for range d.articles {
		c.likes = append(c.likes, spread(rng, d.traits.likes))
	}
	c.offline = d.makeOffline(rng)
	return c
}

// makeOffline draws the hours in which a cabinet does not sell: about once in forty days, from one hour to two days.
func (d *Demand) makeOffline(rng *rand.Rand) []bool {
	hours := make([]bool, d.town.Days*24)
	for hour := range hours {
		if rng.Float64() < 1.0/(40*24) {
			lasts := min(1+int(6*rng.ExpFloat64()), 48)
			for n := hour; n < min(hour+lasts, len(hours)); n++ {
				hours[n] = true
			}
		}
	}
	return hours
}

func ones(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = 1
	}
	return all
}
