package weigh

import (
	"math"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// Figures of learning.
const (
	learnFrom   = 0.995 // confidence of a visit that teaches
	learnVisits = 5     // that must agree to something
	learnUnits  = 12    // that they must have weighed together
	unitsAVisit = 4     // that one visit counts at most: it may have been one mistake
	learnSlowly = 24    // units that what is known already counts
	farShare    = 0.03  // of the master data: what is learnt never lies further away,
	farSpreads  = 4     // nor so many spreads
	noSpread    = 1000  // milligrams: what a spread of nothing counts, and the error of one step
	packagingBy = 0.01  // of the weight: less is no other packaging
	sureSpreads = 4     // standard errors that a change must be
)

// Taken is what one visit tells of an article: so many units weighed so much together.
type Taken struct {
	Units  int
	Weight protocol.Milligrams
}

// TakenIn reads from a settlement what its goods weighed. It is nothing unless the bill is sure and everything in the visit
// is explained. An article counts that was taken by itself, and never put back: who takes one twice would teach twice.
func TakenIn(a settle.Answer) map[protocol.SKU]Taken {
	if a.Decision != settle.Bill || a.Confidence < learnFrom || len(a.Strays)+len(a.Faults) > 0 || len(a.Why) == 0 {
		return nil
	}
	taken, put := map[protocol.SKU]Taken{}, map[protocol.SKU]bool{}
	steps := a.Why[0].Steps
	for i, s := range steps {
		switch {
		case s.SKU == "" || s.Qty >= 0 || s.Delta >= 0:
			put[s.SKU] = true
		case i > 0 && sameMoment(s, steps[i-1]), i+1 < len(steps) && sameMoment(s, steps[i+1]):
			// Several articles at once: nobody knows what each of them weighed.
		default:
			t := taken[s.SKU]
			taken[s.SKU] = Taken{Units: t.Units - s.Qty, Weight: t.Weight - s.Delta}
		}
	}
	for sku := range put {
		delete(taken, sku)
	}
	return taken
}

func sameMoment(a, b settle.Step) bool { return a.At == b.At && a.Platform == b.Platform }

// Repackaged says that the mean weight of an article has moved.
type Repackaged struct {
	Was, Unit     protocol.Milligrams
	Visits, Units int
}

// UnitOf is the weight of a unit: what was learnt beside this master data, otherwise the master data's.
func UnitOf(l edge.Learnt, master protocol.Milligrams) protocol.Milligrams {
	if l.Master != master || l.Unit == 0 {
		return master
	}
	return l.Unit
}

// Learn takes what a visit tells. Something is learnt only when several visits and a dozen units tell it, and never more
// than a bounded way from the master data; new master data begins anew. It tells of a mean that has moved.
func Learn(l edge.Learnt, good settle.Good, t Taken) (edge.Learnt, *Repackaged) {
	if l.Master != good.Unit {
		l = edge.Learnt{Master: good.Unit, Unit: good.Unit, Told: good.Unit}
	}
	if t.Units <= 0 || t.Weight <= 0 {
		return l, nil
	}
	counted := min(t.Units, unitsAVisit)
	l.Visits++
	l.Units += counted
	l.Sum += t.Weight * protocol.Milligrams(counted) / protocol.Milligrams(t.Units)
	if l.Visits < learnVisits || l.Units < learnUnits {
		return l, nil
	}
	mean := float64(l.Sum) / float64(l.Units)
	weight := float64(l.Units) / float64(l.Units+learnSlowly)
	var told *Repackaged
	if moved(l, good, mean) {
		told = &Repackaged{Was: l.Told, Unit: rounded(mean), Visits: l.Visits, Units: l.Units}
		l.Told, weight = told.Unit, 1
	}
	l.Unit = bounded(good, float64(l.Unit)+weight*(mean-float64(l.Unit)))
	l.Visits, l.Units, l.Sum = 0, 0, 0
	return l, told
}

// moved reports a mean that chance does not explain, and that is far enough from what was told last to be another
// packaging.
func moved(l edge.Learnt, good settle.Good, mean float64) bool {
	spread := math.Max(float64(good.SD), noSpread)
	chance := math.Sqrt(spread*spread/float64(l.Units) + noSpread*noSpread/float64(l.Visits))
	off := math.Abs(mean - float64(l.Told))
	return off > sureSpreads*chance && off > packagingBy*float64(good.Unit)
}

// bounded keeps a weight near the master data's.
func bounded(good settle.Good, unit float64) protocol.Milligrams {
	far := math.Min(farShare*float64(good.Unit), farSpreads*math.Max(float64(good.SD), noSpread))
	master := float64(good.Unit)
	return rounded(math.Min(math.Max(unit, master-far), master+far))
}

func rounded(mg float64) protocol.Milligrams { return protocol.Milligrams(math.Round(mg)) }
