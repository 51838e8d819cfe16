package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
)

// needsPath is the list of everything that needs a person, of a store or of all; live is "/live" for its stream.
func needsPath(store cloud.StoreID, live string) string {
	return atStore("/needs"+live, store)
}

func (p *Pages) needs(c echo.Context) error {
	d, err := p.drawNeeds(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) needsLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: staffRefresh}, func() (drawn, error) { return p.drawNeeds(c) })
}

// neededHead is what the list says first.
type neededHead struct {
	Head    string
	OfStore string // the store's page; empty: of all
	Store   string
	Well    bool
}

// drawNeeds lists everything that needs a person, where the pages of the chain and of a store show the dearest.
func (p *Pages) drawNeeds(c echo.Context) (drawn, error) {
	store := cloud.StoreID(strings.Clone(c.QueryParam("store")))
	return p.draw(c, needsPath(store, ""), func(ctx context.Context, v *view, may rights) (screen, error) {
		chain, err := p.Fleet.Chain(ctx)
		if err != nil {
			return screen{}, fmt.Errorf("what needs a person: %w", err)
		}
		heads, err := p.Coverage.Stores(ctx)
		if err != nil {
			return screen{}, fmt.Errorf("what needs a person: %w", err)
		}
		cabinets, err := p.Fleet.Cabinets(ctx)
		if err != nil {
			return screen{}, fmt.Errorf("what needs a person: %w", err)
		}
		needs, err := p.needsNow(ctx, store)
		if err != nil {
			return screen{}, fmt.Errorf("what needs a person: %w", err)
		}
		head := v.neededHead(needs.Needs, heads, store)
		return screen{
			Template: "needed", Face: "staff", Title: v.say("need.title"), Say: head.Head, Path: needsPath(store, ""), Live: needsPath(store, "/live"), Refresh: 30, Nav: "tonight",
			Styles: []string{"dash.css"}, Parts: []part{
				{"head", head},
				{"needs", v.needsPart(needs, heads, cabinets, zone(chain), p.Now(), may, needsMost)},
			},
		}, nil
	})
}

func (v *view) neededHead(needs cloud.Needs, heads []cloud.ServedHead, store cloud.StoreID) neededHead {
	n := len(needs.List) + needs.More
	head := neededHead{Head: v.count("need.all", n), Well: n == 0}
	if n == 0 {
		head.Head = v.say("need.none")
	}
	for _, h := range heads {
		if h.Store.ID == store && store != "" {
			head.OfStore, head.Store = storePath(store), v.lang.Pick(h.Store.Name)
		}
	}
	return head
}
