package settle_test

import (
	"slices"
	"strings"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

func TestAVisitOnWellPlannedShelves(t *testing.T) {
	cases := []struct {
		name string
		do   func(c *cabinet)
		want []settle.Line
	}{
		{"nothing was taken", func(*cabinet) {}, lines()},
		{"one bottle was taken", func(c *cabinet) { c.take(6000, 0, "water", 1) }, lines("water", 1)},
		{"two cups were taken at once", func(c *cabinet) { c.take(6000, 0, "cup", 2) }, lines("cup", 2)},
		{"five goods were taken, 0.8 s apart", func(c *cabinet) {
			c.take(6000, 0, "water", 1)
			c.take(6800, 0, "gum", 1)
			c.take(7600, 1, "cola", 2)
			c.take(8400, 2, "egg", 1)
			c.take(9200, 2, "crisps", 1)
		}, lines("cola", 2, "crisps", 1, "egg", 1, "gum", 1, "water", 1)},
		{"a carton was taken and put back", func(c *cabinet) {
			c.put(9000, 2, c.take(6000, 2, "milk", 1))
		}, lines()},
		{"one of two was put back", func(c *cabinet) {
			c.take(6000, 1, "noodles", 1)
			c.put(9000, 1, c.take(7000, 1, "cola", 1))
		}, lines("noodles", 1)},
		{"an object was left for a while and taken away again", func(c *cabinet) {
			c.put(6000, 1, 777)
			c.take(7000, 0, "water", 1)
			c.put(9000, 1, -777)
		}, lines("water", 1)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(20) {
				cab := newCabinet(seed, shelves())
				cab.noise = 0.3 + 0.035*float64(seed)
				c.do(cab)
				wantBill(t, cab.decide(t), c.want)
				if t.Failed() {
					t.Fatalf("with seed %d", seed)
				}
			}
		})
	}
}

func TestWhatIsNotSureGoesToAHuman(t *testing.T) {
	cases := []struct {
		name string
		do   func(c *cabinet)
	}{
		{"an object stays on a shelf", func(c *cabinet) { c.put(6000, 1, 777) }},
		{"a weight that no article has is gone", func(c *cabinet) { c.put(6000, 1, -190) }},
		{"a heavier thing came back than was taken", func(c *cabinet) {
			c.take(6000, 2, "egg", 1)
			c.put(8000, 2, 480)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cab := newCabinet(1, shelves())
			c.do(cab)
			wantReview(t, cab.decide(t))
		})
	}
}

func TestAnUntrustedPlatformIsNeverBilled(t *testing.T) {
	cases := []struct {
		name   string
		reason string
		spoil  func(s *sample)
	}{
		{"a scale falls silent in the visit", "silent", func(s *sample) { s.OK = s.at < 9000 }},
		{"a scale has a hole while the door is open", "gap", func(s *sample) { s.OK = s.at < 5000 || s.at > 11000 }},
		{"a scale carries more than it can", "overload", func(s *sample) {
			if s.at > 8000 && s.at < 12000 {
				s.Weight = 48_000_000
			}
		}},
		{"a scale never comes to rest", "wild", func(s *sample) {
			if s.at > 8000 {
				s.Weight += protocol.Milligrams(s.at % 700 * 900)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cab := newCabinet(1, shelves())
			cab.take(6000, 1, "cola", 1)
			samples := cab.samples()
			for i := range samples {
				if samples[i].platform == 1 {
					c.spoil(&samples[i])
				}
			}
			a := cab.feed(t, samples).Decide()
			wantReview(t, a)
			if len(a.Faults) != 1 || a.Faults[0].Platform != "S2" || a.Faults[0].Reason != c.reason {
				t.Errorf("want S2 called %s, got %v", c.reason, a.Faults)
			}
		})
	}
}

func TestWhatIsTakenBeforeTheDoorIsSeenOpenIsBilled(t *testing.T) {
	c := newCabinet(3, shelves())
	c.take(2100, 0, "water", 1) // the door is seen open at 3000
	c.take(6000, 1, "cola", 1)
	wantBill(t, c.decide(t), lines("cola", 1, "water", 1))
}

func TestAQuietScaleBehindASoftDoorIsNotStuck(t *testing.T) {
	c := newCabinet(3, shelves())
	c.noise = 0.05
	c.take(6000, 1, "cola", 1)
	samples := c.samples()
	for i, s := range samples {
		if s.at >= c.shut { // nobody feels it close
			samples[i].Weight = samples[i-len(c.layout.Platforms)].Weight
		}
	}
	wantBill(t, c.feed(t, samples).Decide(), lines("cola", 1))
}

func TestASlowScaleIsCalmSoonToo(t *testing.T) {
	for period, limit := range map[int64]int64{500: 1700, 1000: 3200} {
		c := newCabinet(3, shelves())
		c.period = period
		c.take(6000, 0, "water", 1)
		v, err := settle.New(c.layout, settle.Config{})
		if err != nil {
			t.Fatal(err)
		}
		v.Door(c.opened, true)
		v.Door(c.shut, false)
		calm := int64(0)
		for _, s := range c.samples() {
			v.Read(s.at, s.platform, s.Sample)
			if s.platform == len(c.layout.Platforms)-1 && calm == 0 && v.Calm(s.at) {
				calm = s.at - c.shut
			}
		}
		if calm == 0 || calm > limit {
			t.Errorf("one reading in %d ms: calm %d ms after the door was shut, want at most %d", period, calm, limit)
		}
	}
}

func TestTheBasketShowsAStepWithinASecondOfCalm(t *testing.T) {
	cab := newCabinet(3, shelves())
	cab.take(6000, 0, "water", 1)
	v, err := settle.New(cab.layout, settle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v.Door(cab.opened, true)
	for _, s := range cab.samples() {
		if s.at > 7400 {
			break
		}
		v.Read(s.at, s.platform, s.Sample)
	}
	basket := v.Basket()
	if len(basket) != 1 || basket[0] != (settle.Line{SKU: "water", Qty: 1}) {
		t.Errorf("want one water in the basket, got %v", basket)
	}
	steps := v.Steps()
	if len(steps) != 1 || steps[0].Platform != "S1" || steps[0].SKU != "water" || steps[0].Qty != -1 {
		t.Errorf("want one step that took one water from S1, got %+v", steps)
	}
}

func TestTheVisitIsCalmWithinASecondAndNeverWaitsForEver(t *testing.T) {
	cab := newCabinet(3, shelves())
	samples := cab.samples()
	until := func(end int64, wild bool) *settle.Visit {
		v, err := settle.New(cab.layout, settle.Config{})
		if err != nil {
			t.Fatal(err)
		}
		v.Door(cab.opened, true)
		v.Door(cab.shut, false)
		for _, s := range samples {
			if wild && s.platform == 0 {
				s.Weight += protocol.Milligrams(s.at % 700 * 900)
			}
			if s.at <= end {
				v.Read(s.at, s.platform, s.Sample)
			}
		}
		return v
	}
	cases := []struct {
		name string
		at   int64
		wild bool
		want bool
	}{
		{"the door is still open", cab.shut - 100, false, false},
		{"the door was shut a moment ago", cab.shut + 200, false, false},
		{"the slam has died down", cab.shut + 2200, false, true},
		{"one scale does not come to rest", cab.shut + 2200, true, false},
		{"it has been waited long enough", cab.shut + 5100, true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.at < cab.shut {
				v, _ := settle.New(cab.layout, settle.Config{})
				v.Door(cab.opened, true)
				if v.Calm(c.at) {
					t.Error("an open door is never calm")
				}
				return
			}
			if got := until(c.at, c.wild).Calm(c.at); got != c.want {
				t.Errorf("want calm %v, got %v", c.want, got)
			}
		})
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(l *settle.Layout)
		want  string
	}{
		{"no platform", func(l *settle.Layout) { l.Platforms = nil }, "no platform"},
		{"a platform is there twice", func(l *settle.Layout) { l.Platforms[1].ID = "S1" }, "S1"},
		{"an article has no weight", func(l *settle.Layout) { delete(l.Goods, "gum") }, "gum"},
		{"an article weighs nothing", func(l *settle.Layout) { l.Goods["gum"] = settle.Good{} }, "gum"},
		{"the book stock is negative", func(l *settle.Layout) { l.Platforms[0].Book["gum"] = -1 }, "gum"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := shelves()
			c.spoil(&l)
			_, err := settle.New(l, settle.Config{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want an error that names %q, got %v", c.want, err)
			}
		})
	}
	if _, err := settle.New(shelves(), settle.Config{BillConfidence: 1.5}); err == nil {
		t.Error("a confidence above 1 is no limit")
	}
}

// changed is a calm weight of each of three platforms, off 5 kg by so many grams.
func changed(grams ...float64) []settle.Sample {
	var all []settle.Sample
	for i := range 3 {
		s := settle.Sample{Weight: 5_000_000, OK: true}
		if i < len(grams) {
			s.Weight += protocol.FromGrams(grams[i])
		}
		all = append(all, s)
	}
	return all
}

// seen is a step that was written down.
func seen(at int64, platform protocol.PlatformID, grams float64) settle.Step {
	return settle.Step{At: at, Platform: platform, Delta: protocol.FromGrams(grams)}
}

func TestNetAfterAPowerGap(t *testing.T) {
	cases := []struct {
		name  string
		seen  []settle.Step
		after []settle.Sample
		bill  bool
		lines []settle.Line
	}{
		{"a can is gone", nil, changed(0, -352.5), true, lines("cola", 1)},
		{"nothing is gone", nil, changed(0, -0.6), true, lines()},
		{"two cans and an egg are gone", nil, changed(0, -703, -295), true, lines("cola", 2, "egg", 1)},
		{"a weight is gone that no article has", nil, changed(0, -190), false, lines()},
		{
			"a bag is gone, and noodles with another bag in their place: less than noodles weigh is missing there",
			nil, changed(0, 84-112, -84), false, lines("crisps", 1),
		},
		{
			"the same, and the noodles were seen to go",
			[]settle.Step{seen(5000, "S2", -112.5)},
			changed(0, 84-112, -84), false, lines("noodles", 1),
		},
		{
			"two cups were seen to go, and a pack of crisps on another shelf came into the place of noodles",
			[]settle.Step{seen(5000, "S1", -144.5), seen(9000, "S1", -145.5)},
			changed(-290, 84-112, -84), false, lines("crisps", 1, "cup", 2),
		},
		{"a can was seen to go", []settle.Step{seen(5000, "S2", -352.4)}, changed(0, -352), true, lines("cola", 1)},
		{
			"a can was seen to go, and noodles have gone since",
			[]settle.Step{seen(5000, "S2", -352.4)},
			changed(0, -464), true, lines("cola", 1, "noodles", 1),
		},
		{"a can was seen to go, and is there again", []settle.Step{seen(5000, "S2", -352.4)}, changed(), true, lines()},
		{
			"an egg lies where a bottle was seen to go",
			[]settle.Step{seen(5000, "S1", -571)},
			changed(295-571, 0, -295), false, lines("water", 1),
		},
		{
			"something was seen to be put down, then a can to go: only a hand would make it noodles",
			[]settle.Step{seen(5000, "S2", 240), seen(9000, "S2", -352)},
			changed(0, -112), false, lines("noodles", 1),
		},
		{
			"a can and noodles were seen to go at once, which is one change",
			[]settle.Step{seen(5000, "S2", -464), seen(5000, "S2", -464)},
			changed(0, -464), false, lines("cola", 1, "noodles", 1),
		},
		{
			"after the next boot the times begin anew",
			[]settle.Step{seen(50_000, "S2", -352.4), seen(5000, "S1", -571)},
			changed(-571, -352), true, lines("cola", 1, "water", 1),
		},
		{"what was seen on a platform that is no more says nothing", []settle.Step{seen(5000, "S9", -352.4)}, changed(0, -352), true, lines("cola", 1)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := settle.Net(shelves(), changed(), c.after, c.seen, settle.Config{})
			if (a.Decision == settle.Bill) != c.bill || !slices.Equal(a.Lines, c.lines) {
				t.Errorf("want bill %v of %v, got %s of %v with confidence %.4f: %+v", c.bill, c.lines, a.Decision, a.Lines, a.Confidence, a.Why)
			}
		})
	}
}

func TestNetWithoutAWeight(t *testing.T) {
	after := changed(0, -352)
	after[2].OK = false
	wantReview(t, settle.Net(shelves(), changed(), after, nil, settle.Config{}))
	wantReview(t, settle.Net(shelves(), changed()[:1], changed(0, -352), nil, settle.Config{}))
}

func TestWhatIsDecidedWhenTheScalesAreCalmStands(t *testing.T) {
	for seed := range uint64(40) {
		c := randomVisit(seed)
		c.noise = 1.4
		samples := c.samples()
		want := c.feed(t, samples).Decide()
		v, err := settle.New(c.layout, settle.Config{})
		if err != nil {
			t.Fatal(err)
		}
		v.Door(0, false)
		v.Door(c.opened, true)
		shut := false
		for _, s := range samples {
			if s.at >= c.shut && !shut {
				v.Door(c.shut, false)
				shut = true
			}
			if shut && s.platform == 0 && v.Calm(s.at-1) {
				break
			}
			v.Read(s.at, s.platform, s.Sample)
		}
		got := v.Decide()
		if got.Decision != want.Decision || !slices.Equal(got.Lines, want.Lines) || len(got.Faults) != len(want.Faults) {
			t.Errorf("seed %d: %s of %v with faults %v when calm, %s of %v with faults %v later", seed,
				got.Decision, got.Lines, got.Faults, want.Decision, want.Lines, want.Faults)
		}
	}
}
