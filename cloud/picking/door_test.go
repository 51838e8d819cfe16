package picking

import (
	"reflect"
	"testing"
)

func TestAtTheDoorTheyAgreeOrOneThingIsAsked(t *testing.T) {
	said := func(n int) *int { return &n }
	unknown := Reading{}
	cases := []struct {
		name    string
		lane    Filled
		verdict Verdict
		ask     Question
		said    int
		weighed int
		booking Booking
	}{
		{"all say the same", Filled{Planned: 8, Counted: said(8), Weighed: Exactly(8), Book: 3, Found: Exactly(3)}, Agree, "", 8, 8, Booking{Put: 8}},
		{"the scales say 7, you said 8", Filled{Planned: 8, Counted: said(8), Weighed: Exactly(7), Book: 3, Found: Exactly(3)}, Ask, AskPut, 8, 7, Booking{}},
		{"fewer were put in than planned, and all say so", Filled{Planned: 8, Counted: said(5), Weighed: Exactly(5)}, Agree, "", 5, 5, Booking{Put: 5}},
		{"nothing was counted, and the plan is what the scales say", Filled{Planned: 8, Weighed: Exactly(8)}, Agree, "", 8, 8, Booking{Put: 8}},
		{"nothing was counted, and it is less than planned", Filled{Planned: 8, Weighed: Exactly(7)}, Ask, AskPlanned, 8, 7, Booking{}},
		{"nothing was put in yet", Filled{Planned: 8, Weighed: Exactly(0)}, Waiting, "", 0, 0, Booking{}},
		{"nothing was to be put in", Filled{Weighed: Exactly(0)}, Agree, "", 0, 0, Booking{}},
		{"the book says 3 were there, the scales saw 2", Filled{Planned: 8, Counted: said(8), Weighed: Exactly(8), Book: 3, Found: Exactly(2)}, Ask, AskBefore, 3, 2, Booking{}},
		{"what was put is asked before what was there", Filled{Planned: 8, Counted: said(8), Weighed: Exactly(7), Book: 3, Found: Exactly(2)}, Ask, AskPut, 8, 7, Booking{}},
		{"expired goods were taken out", Filled{Planned: -2, Counted: said(-2), Weighed: Exactly(-2)}, Agree, "", -2, -2, Booking{Put: -2}},
		{"the scales are not sure, and 8 may be", Filled{Planned: 8, Counted: said(8), Weighed: Reading{true, 7, 6, 8}}, Agree, "", 8, 7, Booking{Put: 8}},
		{"the scales are not sure, and 9 cannot be", Filled{Planned: 8, Counted: said(9), Weighed: Reading{true, 7, 6, 8}}, Ask, AskPut, 9, 7, Booking{}},
		{"the scale is silent", Filled{Planned: 8, Counted: said(8), Weighed: unknown, Book: 3}, Unweighed, "", 8, 0, Booking{Put: 8}},
		{"the scale is silent, and nothing was counted", Filled{Planned: 8, Weighed: unknown}, Waiting, "", 0, 0, Booking{}},
		{"the scale is silent, and the door is shut again", Filled{Planned: 8, Weighed: unknown, Blind: true}, Ask, AskCount, 8, 0, Booking{}},
		{"the scale is silent, and nothing was to be put in", Filled{Weighed: unknown, Blind: true}, Waiting, "", 0, 0, Booking{}},
		{"the scale is silent, and it was counted", Filled{Planned: 8, Counted: said(7), Weighed: unknown, Blind: true}, Unweighed, "", 7, 0, Booking{Put: 7}},
		{"nobody knows what was there before", Filled{Planned: 8, Counted: said(8), Weighed: Exactly(8), Book: 3, Found: unknown}, Agree, "", 8, 8, Booking{Put: 8}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := Compare([]Filled{c.lane})[0]
			if f.Verdict != c.verdict || f.Question != c.ask || f.Said != c.said || f.Weighed != c.weighed || f.Booking != c.booking {
				t.Errorf("got %+v", f)
			}
			if (f.Verdict == Ask && f.Question != AskCount) != (len(f.Replies) == 3) {
				t.Errorf("%s with %d replies", f.Verdict, len(f.Replies))
			}
		})
	}
}

func TestEachAnswerBooksWhatItSays(t *testing.T) {
	eight := 8
	put := Compare([]Filled{{Planned: 8, Counted: &eight, Weighed: Exactly(7)}})[0].Replies
	if want := []Reply{{ScalesRight, 7, Booking{Put: 7}}, {SaidRight, 8, Booking{Put: 8, CheckScale: true}}, {Answer: CountAgain}}; !reflect.DeepEqual(put, want) {
		t.Errorf("what was put: want %+v, got %+v", want, put)
	}
	less := Compare([]Filled{{Planned: 8, Counted: &eight, Weighed: Exactly(8), Book: 3, Found: Exactly(2)}})[0].Replies
	if want := []Reply{{ScalesRight, 2, Booking{Put: 8, Lost: 1}}, {SaidRight, 3, Booking{Put: 8, CheckScale: true}}, {Answer: CountAgain}}; !reflect.DeepEqual(less, want) {
		t.Errorf("less was there: want %+v, got %+v", want, less)
	}
	if more := Compare([]Filled{{Planned: 8, Counted: &eight, Weighed: Exactly(8), Book: 3, Found: Exactly(5)}})[0].Replies; more[0].Booking != (Booking{Put: 8, Found: 2}) {
		t.Errorf("more was there: %+v", more)
	}
}

func TestWhatCannotBeToldApartIsComparedTogether(t *testing.T) {
	three, two, five := 3, 2, 5
	tea := Filled{Place: Place{"a", "S1", "tea"}, Planned: 3, Counted: &three, Weighed: Exactly(5), Alike: 1}
	cola := Filled{Place: Place{"a", "S1", "cola"}, Planned: 2, Counted: &two, Weighed: Exactly(0), Alike: 1}
	for _, f := range Compare([]Filled{tea, cola}) {
		if f.Verdict != Agree {
			t.Errorf("their sum is right: %+v", f)
		}
	}
	cola.Counted = &five
	for _, f := range Compare([]Filled{tea, cola}) {
		if f.Verdict != Ask {
			t.Errorf("their sum is wrong: %+v", f)
		}
	}
	cola.Counted, cola.Alike = &two, 2
	if got := Compare([]Filled{tea, cola}); got[0].Verdict != Ask || got[1].Verdict != Ask {
		t.Errorf("they can be told apart: %+v", got)
	}
	other := cola
	other.Alike, other.Platform = 1, "S2"
	if got := Compare([]Filled{tea, other}); got[0].Verdict != Ask || got[1].Verdict != Ask {
		t.Errorf("they lie on two platforms: %+v", got)
	}
}
