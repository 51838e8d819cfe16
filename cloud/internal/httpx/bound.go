package httpx

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// reach says how it is known which store a route's target is of: by an id in its path, by the store that its query asks for, or
// because its handler tells nothing of another store than the reader's.
type reach struct {
	path  string // of the route; with /* at its end also of all below
	param string // empty: there is none
	kind  cloud.PlaceKind
	asked bool
	reads bool // only who changes nothing gets on: the rest is the whole chain's
}

// reaches is where those may go who are limited to stores. A route that is not here is closed to them: one that forgot of the
// limit would be worse than one that they cannot use.
func reaches() []reach {
	list := []reach{
		{path: "/account/*"},
		{path: "/people/*"},
		{path: "/photos/:sum"},
		{path: "/api/v1/photos/:id"},
		{path: "/tonight"},
		{path: "/disputes"},
		{path: "/disputes/lines.csv"},
		{path: "/reviews"},
		{path: "/reviews/live"},
		{path: "/walk"},
		{path: "/walk/leave"},
		{path: "/rounds/new"},
		{path: "/rounds/count"},
		{path: "/rounds/habit"},
		{path: "/forecast"},
		{path: "/forecast/lanes.csv"},
		{path: "/rounds/policy"},
		{path: "/rounds/variance"},
		{path: "/rounds/variance.csv"},
		{path: "/expiry"},
		{path: "/expiry/lots.csv"},
		{path: "/waste"},
		{path: "/waste/lines.csv"},
		{path: "/waste/entries"},
		{path: "/waste/entries.csv"},
		{path: "/reconcile"},
		{path: "/reconcile/days.csv"},
		{path: "/rollouts/*"},
		{path: "/api/v1/rollouts/*"},
		{path: "/api/v1/drafts"},
		{path: "/stickers"},
		{path: "/stickers.pdf"},
		{path: "/master"},
		{path: "/master/export/:kind"},
		{path: "/master/import"},
		{path: "/master/apply"},
		{path: "/master/aisles"},
		{path: "/master/planograms"},
		{path: "/master/articles", reads: true},
		{path: "/master/articles/:sku", reads: true},
		{path: "/master/prices", reads: true},
		{path: "/master/markdowns", reads: true},
		{path: "/master/stores", reads: true},
	}
	for _, path := range []string{
		"/needs", "/needs/live", "/incidents", "/incidents/live", "/chain", "/chain/totals.csv", "/reviews/looked", "/visits", "/cabinets", "/cabinets/live", "/rounds", "/rounds/live",
		"/api/v1/incidents", "/api/v1/expiry", "/api/v1/rounds", "/api/v1/needs", "/api/v1/reviews", "/api/v1/disputes", "/api/v1/totals",
	} {
		list = append(list, reach{path: path, asked: true})
	}
	return append(list, placed()...)
}

// placed are the routes whose address names a store, or something that belongs to one.
func placed() []reach {
	list := []reach{
		{path: "/stores/:store/*", kind: cloud.PlaceStore},
		{path: "/coverage/:store/*", kind: cloud.PlaceStore},
		{path: "/reconcile/:store/*", kind: cloud.PlaceStore},
		{path: "/api/v1/coverage/:store/*", kind: cloud.PlaceStore},
		{path: "/api/v1/reconcile/:store/*", kind: cloud.PlaceStore},
		{path: "/cabinets/:cabinet/*", kind: cloud.PlaceCabinet},
		{path: "/master/stores/:store", kind: cloud.PlaceStore},
		{path: "/master/planograms/:cabinet", kind: cloud.PlaceCabinet},
		{path: "/master/cabinets/:cabinet", kind: cloud.PlaceCabinet},
		{path: "/expiry/:cabinet/*", kind: cloud.PlaceCabinet},
		{path: "/api/v1/cabinets/:id/*", kind: cloud.PlaceCabinet},
		{path: "/reviews/:visit/*", kind: cloud.PlaceVisit},
		{path: "/v/:visit/*", kind: cloud.PlaceVisit},
		{path: "/support/:visit/*", kind: cloud.PlaceVisit},
		{path: "/api/v1/visits/:id/*", kind: cloud.PlaceVisit},
		{path: "/incidents/:number", kind: cloud.PlaceIncident},
		{path: "/api/v1/incidents/:id/*", kind: cloud.PlaceIncident},
		{path: "/disputes/:dispute/*", kind: cloud.PlaceDispute},
		{path: "/api/v1/disputes/:id/*", kind: cloud.PlaceDispute},
		{path: "/drafts/:number/*", kind: cloud.PlaceDraft},
		{path: "/api/v1/drafts/:id", kind: cloud.PlaceDraft},
		{path: "/rounds/:round/*", kind: cloud.PlaceRound},
		{path: "/walk/:round/*", kind: cloud.PlaceRound},
		{path: "/api/v1/rounds/:id/*", kind: cloud.PlaceRound},
	}
	for i := range list {
		_, list[i].param, _ = strings.Cut(strings.TrimSuffix(list[i].path, "/*"), ":")
	}
	return list
}

func (r reach) of(route string) bool {
	under, all := strings.CutSuffix(r.path, "/*")
	return route == under || all && strings.HasPrefix(route, under+"/")
}

// reachOf finds how it is known whose store a route is about; false where those who are limited to stores may not use it.
func reachOf(route string) (reach, bool) {
	for _, r := range reaches() {
		if r.of(route) {
			return r, true
		}
	}
	return reach{}, false
}

// MayAt refuses what is about another store than those that whoever asks is limited to.
func MayAt(c echo.Context, store cloud.StoreID) error {
	who, err := PrincipalOf(c)
	if err == nil && !who.Bound.Holds(store) {
		err = protocol.Errorf(cloud.CodeForbidden, "%s is limited to other stores than %q", who.ID, store)
	}
	return err
}

// bounded holds those who are limited to stores to what is theirs.
func bounded(r Route, next echo.HandlerFunc) echo.HandlerFunc {
	how, open := reachOf(r.Path)
	open = open && (!how.asked && !how.reads || r.Method == http.MethodGet) // A body may name another store than the address does.
	if r.Access.Anyone && how.kind != cloud.PlaceVisit {                    // What anyone may see, they may.
		return next
	}
	return func(c echo.Context) error {
		who, err := PrincipalOf(c)
		switch {
		case err != nil || who.Bound == "": // Whether they may at all is for others to say.
			return next(c)
		case !open:
			return protocol.Errorf(cloud.CodeForbidden, "%s %s is not for those who are limited to stores", r.Method, r.Path)
		case how.asked:
			return asked(c, who, next)
		}
		if err := within(c, how); err != nil {
			return err
		}
		return next(c)
	}
}

// asked lets through who asks for a store of theirs. Whoever asks for none is led to the first.
func asked(c echo.Context, who cloud.Principal, next echo.HandlerFunc) error {
	at := *c.Request().URL
	query := at.Query()
	if stores := query["store"]; len(stores) > 0 && stores[0] != "" {
		if err := MayAt(c, cloud.StoreID(stores[0])); err != nil {
			return err
		}
		return next(c)
	}
	if IsAPI(c.Request()) {
		return protocol.Errorf(cloud.CodeForbidden, "name one of the stores that %s is limited to", who.ID)
	}
	query.Set("store", string(who.Bound.Stores()[0]))
	at.RawQuery = query.Encode()
	return c.Redirect(http.StatusSeeOther, at.RequestURI())
}

// within holds the ids in a path to the stores of whoever asks.
func within(c echo.Context, how reach) error {
	for _, name := range c.ParamNames() {
		kind := how.kind
		if name != how.param {
			if name != "cabinet" {
				continue
			}
			kind = cloud.PlaceCabinet
		}
		places := sessionsOf(c).o.Places
		if places == nil {
			return protocol.Errorf(cloud.CodeForbidden, "nobody knows which store that is of")
		}
		store, err := places.StoreOf(c.Request().Context(), kind, c.Param(name))
		if err != nil {
			return err
		}
		if err := MayAt(c, store); err != nil {
			return err
		}
	}
	return nil
}
