package planogram

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// Move takes an article, all of its units there, from one platform to another.
type Move struct {
	SKU   protocol.SKU        `json:"sku"`
	Units int                 `json:"units"`
	From  protocol.PlatformID `json:"from"`
	To    protocol.PlatformID `json:"to"`
}

// Proposal is an assignment of the same goods to the same platforms that is better than the given one, or the given one
// where none was found.
type Proposal struct {
	Plan     Planogram      `json:"-"`
	Moves    []Move         `json:"moves"`     // what lies elsewhere than before, by article; never nil
	Before   Report         `json:"before"`    // of the given planogram
	After    Report         `json:"after"`     // of the proposed one
	Nowhere  []protocol.SKU `json:"nowhere"`   // goods that are confused wherever they may lie; never nil
	TooHeavy bool           `json:"too_heavy"` // a platform is over its capacity in the proposal too
}

// Propose looks for a better place for the goods by moving one article or exchanging two, again and again, as long as that
// helps. First comes what a platform cannot bear; else neither conflicts become more nor what they cause. Goods stay in their
// compartment, no platform gets more articles than the fullest one has, and none the same article twice. The same
// planogram gives the same proposal, in whatever order it is written. The error is Validate's.
func Propose(p Planogram) (Proposal, error) {
	before, err := Check(p)
	if err != nil {
		return Proposal{}, err
	}
	s := newSearch(p)
	s.run()
	plan := s.plan(p)
	after, err := Check(plan)
	if err != nil {
		return Proposal{}, err
	}
	// The search adds up pairs, the reports weigh all grips at once: should they differ on what is better, nothing moves.
	if totalOver(after) >= totalOver(before) && (len(after.Conflicts) > len(before.Conflicts) || after.Reviews+after.Wrong > before.Reviews+before.Wrong) {
		plan, after = p, before
	}
	return Proposal{
		Plan: plan, Moves: moves(p, plan), Before: before, After: after,
		Nowhere: nowhere(plan, after), TooHeavy: totalOver(after) > 0,
	}, nil
}

func totalOver(r Report) (sum protocol.Milligrams) {
	for _, l := range r.Platforms {
		sum += l.Over()
	}
	return sum
}

// place is an article on a platform.
type place struct {
	platform protocol.PlatformID
	good     Placement
}

func places(p Planogram) map[place]bool {
	all := map[place]bool{}
	for _, platform := range p.Platforms {
		for _, g := range platform.Goods {
			all[place{platform.ID, g}] = true
		}
	}
	return all
}

// moves lists what lies elsewhere than before, by article.
func moves(before, after Planogram) []Move {
	was, is := places(before), places(after)
	left, came := missing(was, is), missing(is, was)
	all := make([]Move, len(left))
	for i, at := range left {
		all[i] = Move{SKU: at.good.SKU, Units: at.good.Units, From: at.platform, To: came[i].platform}
	}
	return all
}

// missing lists the places of one planogram that the other one lacks, by article and units.
func missing(from, in map[place]bool) []place {
	var all []place
	for at := range from {
		if !in[at] {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.good.SKU, b.good.SKU), cmp.Compare(a.good.Units, b.good.Units), cmp.Compare(a.platform, b.platform))
	})
	return all
}

// seldom is how many of 1,000 visits a good may trouble and still count as well placed.
const seldom = 5.0

// nowhere lists the goods that trouble more than a few visits where they lie, and would on each other platform of their
// compartment, were there room.
func nowhere(p Planogram, r Report) []protocol.SKU {
	found := []protocol.SKU{}
	wares := p.wares()
	for i := range wares {
		for k, w := range wares[i] {
			if !slices.Contains(found, w.sku) && troubleOf(r.Conflicts, p.Platforms[i].ID, w.sku) > seldom && !freeElsewhere(p, wares, i, k) {
				found = append(found, w.sku)
			}
		}
	}
	slices.Sort(found)
	return found
}

// troubleOf is how many of 1,000 visits end in a review or a wrong bill because of conflicts of an article on a platform.
func troubleOf(all []Conflict, id protocol.PlatformID, sku protocol.SKU) (sum float64) {
	for i := range all {
		if all[i].Platform == id && all[i].Holds(sku) {
			sum += all[i].Reviews + all[i].Wrong
		}
	}
	return sum
}

func freeElsewhere(p Planogram, wares [][]ware, from, which int) bool {
	w := wares[from][which]
	for i, platform := range p.Platforms {
		twice := slices.ContainsFunc(wares[i], func(x ware) bool { return x.sku == w.sku })
		if i == from || twice || platform.Compartment != p.Platforms[from].Compartment {
			continue
		}
		there := append(slices.Clone(wares[i]), w)
		if troubleOf(conflicts(platform.ID, there, gripsOf(there, platform.floor(), true)), platform.ID, w.sku) <= seldom {
			return true
		}
	}
	return false
}
