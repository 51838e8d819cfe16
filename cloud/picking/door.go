package picking

import "allhours/protocol"

// Reading is what the scales say of one article on one platform, in units, with the bounds within which it lies with 95 %.
// Where articles cannot be told apart the bounds are wide.
type Reading struct {
	Known bool `json:"known"` // false: the platform could not be trusted
	Units int  `json:"units"`
	Low   int  `json:"low"`
	High  int  `json:"high"`
}

// Exactly is a reading without doubt.
func Exactly(units int) Reading { return Reading{Known: true, Units: units, Low: units, High: units} }

// fits reports whether a number is within the bounds.
func (r Reading) fits(units int) bool { return r.Known && r.Low <= units && units <= r.High }

// Filled is what is known of one lane at an open door. Units that were taken out are put below zero.
type Filled struct {
	Place
	Planned int
	Counted *int    // put, as the restocker says; nil: nothing said yet
	Weighed Reading // put, as the scales say
	Book    int     // before, by book
	Found   Reading // before, by the scales
	Alike   int     // lanes of one number on one platform cannot be told apart; 0: this one can
	Blind   bool    // the scales have had their chance, and cannot say
}

// Verdict is how the three agree.
type Verdict string

// The verdicts.
const (
	Waiting   Verdict = "waiting"   // for a count, or for goods
	Agree     Verdict = "agree"     // green
	Ask       Verdict = "ask"       // amber: there is a question
	Unweighed Verdict = "unweighed" // the scales cannot say; what is counted stands
)

// Question is what is asked at the door, one of a lane at a time; pages choose their text by it.
type Question string

// The questions. Said is what the first of the two says, Weighed what the scales say.
const (
	AskPut     Question = "put"     // you said Said, the scales say Weighed
	AskPlanned Question = "planned" // Said were to be put in, the scales say Weighed
	AskBefore  Question = "before"  // the book says Said were there before, the scales saw Weighed
	AskCount   Question = "count"   // Said were to be put in, and no scale says how many were: a count is the answer
)

// Answer is one of the answers to a question.
type Answer string

// The answers.
const (
	ScalesRight Answer = "scales" // the scales' number is right
	SaidRight   Answer = "said"   // the other one is; the scale is looked at
	CountAgain  Answer = "again"  // nothing is booked, the restocker counts once more
)

// Booking is what is booked of a lane: what was put comes out of the restocker's hands; lost and found change what was there.
type Booking struct {
	Put        int  `json:"put"`
	Lost       int  `json:"lost"`
	Found      int  `json:"found"`
	CheckScale bool `json:"check_scale"` // somebody is to look at the scale
}

// Reply is an answer that may be given, and what is booked for it.
type Reply struct {
	Answer  Answer  `json:"answer"`
	Units   int     `json:"units"` // that it says; of CountAgain 0
	Booking Booking `json:"booking"`
}

// Finding is the comparison of one lane.
type Finding struct {
	Place
	Verdict  Verdict  `json:"verdict"`
	Question Question `json:"question,omitempty"`
	Said     int      `json:"said"`
	Weighed  int      `json:"weighed"`
	Replies  []Reply  `json:"replies,omitempty"`
	Booking  Booking  `json:"booking"` // of a lane that agrees or cannot be weighed
}

// Compare holds what was counted, weighed and booked against each other, lane by lane in their order.
func Compare(lanes []Filled) []Finding {
	together := alike(lanes)
	all := make([]Finding, 0, len(lanes))
	for _, f := range lanes {
		all = append(all, f.compare(together[group{f.Platform, f.Alike}]))
	}
	return all
}

func (f Filled) compare(together *Filled) Finding {
	found := Finding{Place: f.Place, Weighed: f.Weighed.Units}
	switch {
	case f.Blind && !f.Weighed.Known && f.Counted == nil && f.Planned != 0:
		found.ask(AskCount, f.Planned, 0, nil)
	case !f.Weighed.Known && f.Counted == nil:
		found.Verdict = Waiting
	case !f.Weighed.Known:
		found.Verdict, found.Said, found.Booking = Unweighed, *f.Counted, Booking{Put: *f.Counted}
	case f.Counted == nil && f.Weighed.fits(0) && f.Planned != 0:
		found.Verdict = Waiting
	case f.Counted == nil && f.Weighed.fits(f.Planned):
		found.settled(f, f.Planned)
	case f.Counted == nil:
		found.ask(AskPlanned, f.Planned, f.Weighed.Units, f.putReplies(f.Planned))
	case f.Weighed.fits(*f.Counted) || together != nil && together.Weighed.fits(*together.Counted):
		found.settled(f, *f.Counted)
	default:
		found.ask(AskPut, *f.Counted, f.Weighed.Units, f.putReplies(*f.Counted))
	}
	return found
}

// settled is what was put being agreed: what was there before is asked for then.
func (found *Finding) settled(f Filled, put int) {
	if f.Alike == 0 && f.Found.Known && !f.Found.fits(f.Book) {
		found.ask(AskBefore, f.Book, f.Found.Units, f.beforeReplies(put))
		return
	}
	found.Verdict, found.Said, found.Booking = Agree, put, Booking{Put: put}
}

func (found *Finding) ask(q Question, said, weighed int, replies []Reply) {
	found.Verdict, found.Question, found.Said, found.Weighed, found.Replies = Ask, q, said, weighed, replies
}

func (f Filled) putReplies(said int) []Reply {
	return []Reply{
		{ScalesRight, f.Weighed.Units, Booking{Put: f.Weighed.Units}},
		{SaidRight, said, Booking{Put: said, CheckScale: true}},
		{Answer: CountAgain},
	}
}

func (f Filled) beforeReplies(put int) []Reply {
	short := f.Book - f.Found.Units
	return []Reply{
		{ScalesRight, f.Found.Units, Booking{Put: put, Lost: max(short, 0), Found: max(-short, 0)}},
		{SaidRight, f.Book, Booking{Put: put, CheckScale: true}},
		{Answer: CountAgain},
	}
}

// group is lanes of one platform that cannot be told apart.
type group struct {
	platform protocol.PlatformID
	number   int
}

// alike adds up the lanes that cannot be told apart: only their sums are compared. A group of which one lane was not counted
// or not weighed has none yet.
func alike(lanes []Filled) map[group]*Filled {
	sums := map[group]*Filled{}
	for _, f := range lanes {
		g := group{f.Platform, f.Alike}
		sum, seen := sums[g]
		switch {
		case f.Alike == 0:
			continue
		case !seen:
			sum = &Filled{Counted: new(int), Weighed: Exactly(0)}
			sums[g] = sum
		case sum == nil:
			continue
		}
		if f.Counted == nil || !f.Weighed.Known {
			sums[g] = nil
			continue
		}
		*sum.Counted += *f.Counted
		sum.Weighed.Units += f.Weighed.Units
		sum.Weighed.Low += f.Weighed.Low
		sum.Weighed.High += f.Weighed.High
	}
	return sums
}
