package cloud_test

import (
	"slices"
	"testing"

	"allhours/cloud"
)

func TestPageOf(t *testing.T) {
	all := []int{1, 2, 3, 4, 5}
	for name, c := range map[string]struct {
		of   []int
		n    int
		want []int
		at   int
	}{
		"the first page is full":                       {all, 1, []int{1, 2}, 0},
		"the last page has what is left":               {all, 3, []int{5}, 4},
		"a page beyond the last one is the last one":   {all, 9, []int{5}, 4},
		"a page before the first one is the first":     {all, -1, []int{1, 2}, 0},
		"a full last page is followed by no empty one": {all[:4], 3, []int{3, 4}, 2},
		"of nothing there is one page, without rows":   {nil, 2, []int{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, at := cloud.PageOf(c.of, c.n, 2)
			if !slices.Equal(got, c.want) || at != c.at {
				t.Errorf("got %v from %d, want %v from %d", got, at, c.want, c.at)
			}
		})
	}
}
