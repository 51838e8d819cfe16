package api

import (
	"context"
	"math"
	"net/http"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// cases is a queue with one recording in it.
type cases struct{ cloud.Cases }

func (cases) Figures(context.Context) (cloud.ReviewFigures, error) {
	return cloud.ReviewFigures{At: time.UnixMilli(1_700_000_000_000), Open: 2, Oldest: time.Minute, Decided: 1, Median: time.Hour, P90: time.Hour, Visits: 500, Spent: 3 * time.Minute}, nil
}

func (cases) Curves(_ context.Context, visit protocol.VisitID, columns int) (cloud.Curves, error) {
	if visit != traced {
		return cloud.Curves{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return cloud.Curves{Start: -500, Step: 100, Columns: columns, Doors: []cloud.DoorMark{{At: 10, Open: true}}, Platforms: []cloud.Curve{
		{Platform: "S1", Moved: true, Low: []float64{1.04, math.NaN()}, High: []float64{1.16, math.NaN()}},
	}}, nil
}

func TestCurvesAndFigures(t *testing.T) {
	r := newRig(t)
	manager, resident := r.manager(), r.resident(anna)
	path := "/api/v1/visits/" + traced.String() + "/curves"
	var c curvesAnswer
	manager.want(http.StatusOK, "GET", path+"?columns=2", "", &c)
	p := c.Platforms[0]
	if c.Columns != 2 || len(c.Doors) != 1 || !p.Moved || *p.Low[0] != 1 || *p.High[0] != 1.2 || p.Low[1] != nil {
		t.Errorf("got %+v", c)
	}
	manager.want(http.StatusOK, "GET", path, "", &c)
	if c.Columns != columnsWanted {
		t.Errorf("%d columns where nobody said how many", c.Columns)
	}
	manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "GET", path+"?columns=0", "")
	manager.refused(http.StatusNotFound, cloud.CodeNotFound, "GET", "/api/v1/visits/"+protocol.UUID{1}.String()+"/curves", "")
	resident.refused(http.StatusForbidden, cloud.CodeForbidden, "GET", path, "")
	var f figuresAnswer
	manager.want(http.StatusOK, "GET", "/api/v1/reviews/figures", "", &f)
	if f.Open != 2 || f.MedianS != 3600 || f.PerThousand == nil || *f.PerThousand != 6 {
		t.Errorf("got %+v", f)
	}
	resident.refused(http.StatusForbidden, cloud.CodeForbidden, "GET", "/api/v1/reviews/figures", "")
}
