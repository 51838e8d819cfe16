package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// storesView lists the stores.
type storesView struct {
	Rows []storeRow
	Edit bool
	Done string
}

type storeRow struct {
	Store    cloud.Store
	Hours    string
	Cabinets int
}

func hoursText(hours []cloud.Hours) string {
	spans := make([]string, len(hours))
	for i, h := range hours {
		spans[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", h.Open/60, h.Open%60, h.Close/60, h.Close%60)
	}
	return strings.Join(spans, " ")
}

func (p *Pages) stores(c echo.Context) error {
	v := p.view(c)
	stores, err := p.storesOf(c)
	if err != nil {
		return fmt.Errorf("stores: %w", err)
	}
	cabinets, err := p.cabinetsOf(c)
	if err != nil {
		return fmt.Errorf("stores: %w", err)
	}
	of := map[cloud.StoreID]int{}
	for _, cab := range cabinets {
		of[cab.Store]++
	}
	view := storesView{Edit: mayPlanAll(c), Done: v.done(c)}
	for _, s := range stores {
		view.Rows = append(view.Rows, storeRow{s, hoursText(s.Hours), of[s.ID]})
	}
	return p.showMaster(c, "stores", v.say("master.stores"), "/master/stores", http.StatusOK, view)
}

func storeFields() []entryField {
	return []entryField{{Name: "id", Kind: "text", Key: true}, {Name: "name_zh", Kind: "text"}, {Name: "name_en", Kind: "text"}, {Name: "hours", Kind: "text"}, {Name: "latitude", Kind: "number"}, {Name: "longitude", Kind: "number"}}
}

func (p *Pages) newStore(c echo.Context) error {
	v := p.view(c)
	view := v.entryView(storeFields(), nil, nil)
	view.Head, view.Action, view.Back = v.say("master.store.new"), "/master/stores", "/master/stores"
	return p.showMaster(c, "entry", view.Head, "/master/stores/new", http.StatusOK, view)
}

func (p *Pages) store(c echo.Context) error {
	v := p.view(c)
	stores, err := p.Fleet.Stores(c.Request().Context())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	i := slices.IndexFunc(stores, func(s cloud.Store) bool { return string(s.ID) == c.Param("store") })
	if i < 0 {
		return protocol.Errorf(cloud.CodeNotFound, "no such store")
	}
	s := stores[i]
	view := v.entryView(storeFields(), map[string]string{"id": string(s.ID), "name_zh": s.Name.Zh, "name_en": s.Name.En, "hours": hoursText(s.Hours), "latitude": degrees(s.At, s.At.Latitude), "longitude": degrees(s.At, s.At.Longitude)}, nil)
	view.Head, view.Action, view.Back, view.Fixed = v.lang.Pick(s.Name), "/master/stores", "/master/stores", !mayPlanAll(c)
	view.Fields[0].Kind = "fixed"
	return p.showMaster(c, "entry", view.Head, "/master/stores/"+string(s.ID), http.StatusOK, view)
}

func (p *Pages) changeStore(c echo.Context) error {
	return p.changeEntry(c, cloud.MasterStores, storeFields(), "/master/stores")
}
