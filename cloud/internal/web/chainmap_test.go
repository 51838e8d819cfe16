package web

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/coverage"
)

func scattered(many int, span int) (spots []spot) {
	rng := rand.New(rand.NewPCG(7, uint64(many)))
	for i := range many {
		spots = append(spots, spot{
			at: cloud.Spot{Latitude: 30_150_000 + rng.IntN(span), Longitude: 120_200_000 + rng.IntN(span)}, name: fmt.Sprintf("湖<滨>%d店", i), link: fmt.Sprintf("/stores/s-%d", i), say: "s",
			night: coverage.Sum{Open: 15, Covered: 8, Uncovered: int64(i % 2)}, state: []coverage.State{coverage.Covered, coverage.Open, coverage.Uncovered}[i%3], known: i%5 != 0,
		})
	}
	return spots
}

// labels reads back where the names stand.
func labels(t *testing.T, drawing string) (all []rect) {
	t.Helper()
	for _, m := range regexp.MustCompile(`class="m-name" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([^<]+)<`).FindAllStringSubmatch(drawing, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		wide := widthOf(strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(m[4]))
		left := x
		switch m[3] {
		case "end":
			left -= wide
		case "middle":
			left -= wide / 2
		}
		all = append(all, rect{left, y - 14, left + wide, y + 4})
	}
	return all
}

func TestNamesOnTheMapDoNotLieOnEachOther(t *testing.T) {
	for _, many := range []int{1, 2, 10, 60, 400} {
		for _, on := range []sheet{wideSheet, narrowSheet} {
			drawing := string((&view{texts: texts{"map.say": {En: "m"}, "map.crowd": {En: "{1}"}, "map.metres": {En: "{1} m"}, "map.kilometres": {En: "{1} km"}, "fact.unknown": {En: "?"}}}).chainMap(scattered(many, 60_000), on, zoomPath))
			names := labels(t, drawing)
			if many <= 2 && len(names) != many {
				t.Errorf("%d of %d names are written", len(names), many)
			}
			for i, a := range names {
				if a.x1 < 0 || a.y1 < 0 || a.x2 > float64(on.wide) || a.y2 > float64(on.high) {
					t.Errorf("%d stores: a name stands beyond the edge: %+v", many, a)
				}
				for _, b := range names[i+1:] {
					if a.meets(b) {
						t.Errorf("%d stores: names lie on each other: %+v %+v", many, a, b)
					}
				}
			}
			if size := len(drawing); size > 60_000 {
				t.Errorf("%d stores: the map weighs %d bytes", many, size)
			}
			if strings.Contains(drawing, "<滨>") {
				t.Error("a name is not escaped")
			}
		}
	}
}

func TestWhatIsTooCloseOnTheMapIsOneMarkThatOpens(t *testing.T) {
	spots := scattered(2, 1)
	spots[1].at.Latitude += 100 // Eleven metres further.
	far := spots[0]
	far.at.Latitude += 50_000
	spots = append(spots, far)
	_, project := projection(boxOf(spots), wideSheet)
	marks := crowded(spots, project)
	if len(marks) != 2 || len(marks[0].spots) != 2 {
		t.Fatalf("%d marks", len(marks))
	}
	if path := zoomPath(boxOf(marks[0].spots)); path != "/coverage" {
		t.Errorf("what stands in one place opens %s", path)
	}
	zoom, query := readZoom("30150000,120200000,30200000,120250000")
	if zoom == nil || query != "?map=30150000%2C120200000%2C30200000%2C120250000" || !zoom.has(spots[0].at) || zoom.has(cloud.Spot{Latitude: 1}) {
		t.Errorf("%+v %q", zoom, query)
	}
	for _, bad := range []string{"", "1,2,3", "5,5,4,9", "a,b,c,d", "1,2,3,4,5"} {
		if zoom, query := readZoom(bad); zoom != nil || query != "" {
			t.Errorf("%q asks for %+v %q", bad, zoom, query)
		}
	}
}
