package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// rights are what a reader may go on to from a page that is drawn for many; what they may not is told as words.
type rights struct {
	Respond, Plan, Account, Cases          bool
	Halt, Release, Open, Ask, Move, Attest bool // at a cabinet
	Bound                                  cloud.Bound
}

func rightsOf(c echo.Context) rights {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return rights{}
	}
	return rights{
		Respond: httpx.Responders().Allows(who), Plan: httpx.Planners().Allows(who), Account: httpx.Accountants().Allows(who), Cases: httpx.CaseReaders().Allows(who), Bound: who.Bound,
		Halt: httpx.Halters().Allows(who), Release: httpx.Releasers().Allows(who), Open: httpx.Servicers().Allows(who),
		Ask: httpx.Askers().Allows(who), Move: httpx.Movers().Allows(who), Attest: httpx.Attesters().Allows(who),
	}
}

// key tells rights from others.
func (r rights) key() string {
	key := string(r.Bound) + " "
	for _, has := range []bool{r.Respond, r.Plan, r.Account, r.Cases, r.Halt, r.Release, r.Open, r.Ask, r.Move, r.Attest} {
		if has {
			key += "1"
		} else {
			key += "0"
		}
	}
	return key
}

// boundOf are the stores that a reader is limited to.
func boundOf(c echo.Context) cloud.Bound {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return ""
	}
	return who.Bound
}

// storesOf are the stores that a reader sees to.
func (p *Pages) storesOf(c echo.Context) ([]cloud.Store, error) {
	all, err := p.Fleet.Stores(c.Request().Context())
	of := boundOf(c)
	return slices.DeleteFunc(slices.Clone(all), func(s cloud.Store) bool { return !of.Holds(s.ID) }), err
}

// narrowed finds the store that the address narrows a list to, with the limit that it is read by: that store, else all stores of the
// reader. It has CodeForbidden for a store of others.
func (p *Pages) narrowed(c echo.Context) (of cloud.Bound, store *cloud.Store, err error) {
	id := cloud.StoreID(strings.Clone(c.QueryParam("store")))
	if id == "" {
		return boundOf(c), nil, nil
	}
	if err := httpx.MayAt(c, id); err != nil {
		return "", nil, err
	}
	stores, err := p.Fleet.Stores(c.Request().Context())
	if err != nil {
		return "", nil, fmt.Errorf("stores: %w", err)
	}
	i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == id })
	if i < 0 {
		return "", nil, protocol.Errorf(cloud.CodeNotFound, "there is no store %q", id)
	}
	return cloud.BoundTo(id), &stores[i], nil
}

// atStore is the address of a page that a store narrows; of all where there is none.
func atStore(path string, store cloud.StoreID) string {
	if store == "" {
		return path
	}
	return path + "?store=" + url.QueryEscape(string(store))
}

// cabinetsOf are the cabinets that stand with them.
func (p *Pages) cabinetsOf(c echo.Context) ([]cloud.CabinetView, error) {
	all, err := p.Fleet.Cabinets(c.Request().Context())
	of := boundOf(c)
	if of == "" {
		return all, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(cab cloud.CabinetView) bool { return !of.Holds(cab.Store) }), err
}
