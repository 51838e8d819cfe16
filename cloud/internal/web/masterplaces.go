package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

// blankPlaces is how many places for further articles each platform offers.
const blankPlaces = 2

// planogramsView lists the cabinets whose places can be changed.
type planogramsView struct {
	Rows []planogramRow
	Done string
}

type planogramRow struct {
	Cabinet cloud.CabinetView
	Kinds   int
}

// placesView is what lies where in one cabinet.
type placesView struct {
	Cabinet  cloud.CabinetView
	Boards   []placesBoard
	Articles []articleChoice
	Plan     planView
	Edit     bool
	Done     string
	Drafts   []draftRow
	Where    []entryField // it stands, and when it can be reached
}

type placesBoard struct {
	ID     protocol.PlatformID
	Places []placeLine
}

// placeLine is one article's place; the blank ones are for others.
type placeLine struct {
	N    int // counts the lines of a platform
	SKU  protocol.SKU
	Name string
	Par  string
	Room string
}

type articleChoice struct {
	SKU  protocol.SKU
	Name string
}

func (p *Pages) planograms(c echo.Context) error {
	v := p.view(c)
	cabinets, err := p.cabinetsOf(c)
	if err != nil {
		return fmt.Errorf("planograms: %w", err)
	}
	view := planogramsView{Done: v.done(c)}
	for _, cab := range cabinets {
		kinds := map[protocol.SKU]bool{}
		for _, platform := range cab.Platforms {
			for _, sku := range platform.SKUs {
				kinds[sku] = true
			}
		}
		view.Rows = append(view.Rows, planogramRow{cab, len(kinds)})
	}
	return p.showMaster(c, "planograms", v.say("master.planograms"), "/master/planograms", http.StatusOK, view)
}

func (p *Pages) placesOf(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	id := protocol.CabinetID(c.Param("cabinet"))
	if id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	cab, err := p.Fleet.Cabinet(ctx, id)
	if err != nil {
		return err
	}
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return fmt.Errorf("places: %w", err)
	}
	proposal, err := p.Plans.Planogram(ctx, id)
	if err != nil {
		return fmt.Errorf("places: %w", err)
	}
	view := placesView{Cabinet: cab, Plan: v.planView(proposal, shelfOf(articles)), Edit: mayPlan(c), Done: v.done(c)}
	view.Where = v.entryView([]entryField{{Name: "latitude", Kind: "number"}, {Name: "longitude", Kind: "number"}, {Name: "hours"}}, map[string]string{
		"latitude": degrees(cab.At, cab.At.Latitude), "longitude": degrees(cab.At, cab.At.Longitude), "hours": cloud.ReachText(cab.Hours, v.lang.Pick),
	}, nil).Fields
	names := map[protocol.SKU]string{}
	for _, a := range articles {
		names[a.SKU] = v.lang.Pick(a.Name)
		if !a.Retired {
			view.Articles = append(view.Articles, articleChoice{a.SKU, names[a.SKU]})
		}
	}
	if view.Drafts, err = p.draftsHere(c, cab); err != nil {
		return err
	}
	for _, platform := range cab.Platforms {
		view.Boards = append(view.Boards, placesBoardOf(platform, names, view.Edit))
	}
	return p.showMaster(c, "places", v.say("stand.title", cab.Number, v.lang.Pick(cab.Place)), "/master/planograms/"+string(id), http.StatusOK, view)
}

// draftsHere is the draft of a cabinet that waits, if there is one.
func (p *Pages) draftsHere(c echo.Context, cab cloud.CabinetView) (rows []draftRow, err error) {
	waiting, err := p.Drafts.Drafts(c.Request().Context(), cloud.DraftQuery{Cabinet: cab.ID, Waiting: true})
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	names, loc, err := p.planNames(c)
	if err != nil {
		return nil, err
	}
	return []draftRow{p.view(c).draftRow(waiting[0], names, loc)}, nil
}

func placesBoardOf(platform cloud.Platform, names map[protocol.SKU]string, edit bool) placesBoard {
	board := placesBoard{ID: platform.ID}
	for _, sku := range platform.SKUs {
		l := placeLine{N: len(board.Places) + 1, SKU: sku, Name: names[sku], Par: numberOrNone(platform.Par[sku]), Room: numberOrNone(platform.Room[sku])}
		board.Places = append(board.Places, l)
	}
	for range blankPlaces {
		if edit {
			board.Places = append(board.Places, placeLine{N: len(board.Places) + 1})
		}
	}
	return board
}

// changePlaces shows what the places that were filled in would change; a place without an article is none.
func (p *Pages) changePlaces(c echo.Context) error {
	id := c.Param("cabinet")
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	var records [][]string
	for _, platform := range form["platform"] {
		before := len(records)
		pars, rooms := form["par-"+platform], form["room-"+platform]
		for i, text := range form["sku-"+platform] {
			sku, _, _ := strings.Cut(strings.TrimSpace(text), " ") // The name may stand behind it.
			if sku == "" {
				continue
			}
			record := []string{id, platform, sku, "", ""}
			for n, values := range [][]string{pars, rooms} {
				if i < len(values) {
					record[3+n] = strings.TrimSpace(values[i])
				}
			}
			records = append(records, record)
		}
		if len(records) == before {
			records = append(records, []string{id, platform, "", "", ""})
		}
	}
	in := cloud.Intake{Kind: cloud.MasterPlanograms, Text: spreadsheet.Write([]string{"cabinet", "platform", "sku", "par", "room"}, records), Draft: strings.TrimSpace(c.FormValue("draft"))}
	return p.preview(c, in, "/master/planograms/"+id)
}
