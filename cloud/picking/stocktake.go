package picking

import (
	"cmp"
	"slices"
)

// Why a count differs from the books, as whoever counted answers for it. What is not known is said to be unknown.
const (
	GapUnknown Answer = "unknown"
	GapTheft   Answer = "theft"
	GapMisput  Answer = "misput"  // a refill put less or more than was said
	GapMissold Answer = "missold" // a visit was billed for something else
)

// Gaps lists them in the order in which they are offered.
func Gaps() []Answer { return []Answer{GapUnknown, GapTheft, GapMisput, GapMissold} }

// AskGap is the question of a count: Said were counted, the books have Weighed.
const AskGap Question = "gap"

// Tally is one lane of a stock-take.
type Tally struct {
	Place
	Counted *int // units that lie there; nil: not counted yet
	Book    int  // when it was counted
	Answer  Answer
}

// Tallied holds counts against the books, lane by lane in their order. A difference wants its reason.
func Tallied(lanes []Tally) []Finding {
	all := make([]Finding, 0, len(lanes))
	for _, t := range lanes {
		f := Finding{Place: t.Place, Verdict: Waiting, Weighed: t.Book}
		if t.Counted != nil {
			f.Said, f.Verdict = *t.Counted, Agree
			if f.Said != t.Book && !slices.Contains(Gaps(), t.Answer) {
				f.ask(AskGap, f.Said, t.Book, gapReplies(f.Said))
			}
		}
		all = append(all, f)
	}
	return all
}

func gapReplies(counted int) []Reply {
	var all []Reply
	for _, a := range Gaps() {
		all = append(all, Reply{Answer: a, Units: counted})
	}
	return append(all, Reply{Answer: CountAgain})
}

// Unsure is what speaks for counting a lane.
type Unsure struct {
	Place
	Off  int // units by which scales and book differ, beyond the bounds of the scales
	Gap  int // units by which the last count differed
	Days int // since the last count; Never where there was none
}

// Never is since when a lane is taken to be uncounted where nobody ever counted it.
const Never = 90

// What makes a lane worth a count.
const (
	gapCounts  = 2  // units that a count differed by
	daysCounts = 30 // without a count
)

// worth orders lanes: what differs now says most, then what differed at the last count, then how long ago that was.
func (u Unsure) worth() int { return 400*u.Off + 200*u.Gap + 3*min(u.Days, Never) }

// Vary chooses the lanes that are to be counted, most of them first: those that vary, and those that were not counted for long.
func Vary(lanes []Unsure, most int) []Unsure {
	all := slices.DeleteFunc(slices.Clone(lanes), func(u Unsure) bool { return u.Off == 0 && u.Gap < gapCounts && u.Days < daysCounts })
	slices.SortStableFunc(all, func(a, b Unsure) int { return cmp.Or(cmp.Compare(b.worth(), a.worth()), a.Compare(b.Place)) })
	return all[:min(len(all), most)]
}
