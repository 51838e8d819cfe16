package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/sticker"
	"allhours/protocol"
)

// stickersListed is how many cabinets are listed to be chosen; of a larger fleet a store is chosen first.
const stickersListed = 200

func (p *Pages) stickerRoutes() []httpx.Route {
	get := http.MethodGet
	return []httpx.Route{
		{Method: get, Path: "/stickers", Access: httpx.PlanReaders(), Handler: p.stickers},
		{Method: get, Path: "/stickers.pdf", Access: httpx.PlanReaders(), Handler: p.printStickers},
	}
}

// stickersView is what stickers are chosen from.
type stickersView struct {
	Stores  []stickerStore
	Most    int
	Missing string // letters of names that cannot be drawn
}

type stickerStore struct {
	ID       cloud.StoreID
	Name     cloud.Text
	Many     int
	Cabinets []cloud.CabinetView // nil: the store is chosen first
}

func (p *Pages) stickers(c echo.Context) error {
	v := p.view(c)
	cabinets, err := p.cabinetsOf(c)
	if err != nil {
		return fmt.Errorf("stickers: %w", err)
	}
	asked := cloud.StoreID(c.QueryParam("store"))
	view := stickersView{Most: sticker.Most}
	var names []string
	for _, cab := range cabinets {
		if asked != "" && cab.Store != asked {
			continue
		}
		names = append(names, cab.StoreName.Zh, cab.StoreName.En, cab.Place.Zh, cab.Place.En)
		n := slices.IndexFunc(view.Stores, func(s stickerStore) bool { return s.ID == cab.Store })
		if n < 0 {
			n = len(view.Stores)
			view.Stores = append(view.Stores, stickerStore{ID: cab.Store, Name: cab.StoreName})
		}
		view.Stores[n].Many++
		if asked != "" || len(cabinets) <= stickersListed {
			view.Stores[n].Cabinets = append(view.Stores[n].Cabinets, cab)
		}
	}
	if view.Missing, err = sticker.Missing(names...); err != nil {
		return fmt.Errorf("stickers: %w", err)
	}
	return p.show(c, screen{Template: "stickers", Face: "staff", Title: v.say("sticker.title"), Path: "/stickers?store=" + string(asked), Nav: "master", Data: view})
}

// printStickers draws those of the cabinets, and of all cabinets of the stores, that are asked for.
func (p *Pages) printStickers(c echo.Context) error {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("stickers: %w", err)
	}
	cabinets, err := p.cabinetsOf(c)
	if err != nil {
		return fmt.Errorf("stickers: %w", err)
	}
	size := sticker.Size(c.QueryParam("size"))
	if size == "" {
		size = sticker.A4
	}
	ids, stores := c.QueryParams()["cabinet"], c.QueryParams()["store"]
	var all []sticker.Sticker
	for _, cab := range cabinets {
		if slices.Contains(ids, string(cab.ID)) || slices.Contains(stores, string(cab.Store)) {
			all = append(all, p.stickerOf(cab, chain))
		}
	}
	if size != sticker.A4 && size != sticker.Label || len(all) == 0 || len(all) > sticker.Most {
		return protocol.Errorf(protocol.CodeMalformed, "stickers: want 1 to %d cabinets, and a size of a4 or label", sticker.Most)
	}
	pdf, err := sticker.Print(all, size)
	if err != nil {
		return fmt.Errorf("stickers: %w", err)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="stickers-`+strconv.Itoa(len(all))+`.pdf"`)
	return c.Blob(http.StatusOK, "application/pdf", pdf)
}

func (p *Pages) stickerOf(cab cloud.CabinetView, chain cloud.Chain) sticker.Sticker {
	return sticker.Sticker{
		URL: p.BaseURL + cabinetPath(cab.ID), ID: string(cab.ID), Number: cab.Number, Store: cab.StoreName, Place: cab.Place, Phone: chain.SupportPhone,
	}
}
