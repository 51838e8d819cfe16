package cloud

import "testing"

func TestALimitHoldsItsStoresAndIsWithinAWiderOne(t *testing.T) {
	none, one, two := BoundTo(), BoundTo("north"), BoundTo("south", "north", "south")
	if two != "north south" || none != "" || len(none.Stores()) != 0 || len(two.Stores()) != 2 {
		t.Errorf("limits are %q and %q", two, none)
	}
	if !none.Holds("west") || !two.Holds("south") || one.Holds("south") || one.Holds("nor") || one.Holds("") {
		t.Error("a limit holds other stores than its own")
	}
	for _, c := range []struct {
		b, other Bound
		want     bool
	}{{none, none, true}, {one, none, true}, {none, one, false}, {one, two, true}, {two, one, false}, {two, two, true}} {
		if got := c.b.Within(c.other); got != c.want {
			t.Errorf("%q within %q: %v", c.b, c.other, got)
		}
	}
}
