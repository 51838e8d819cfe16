package web

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// policyView is what a chain, or one store of it, wants of its refills.
type policyView struct {
	Store   string // empty: the chain
	Name    string
	Lead    string
	Stores  []cloud.Store
	Version int
	Fields  []policyField
	Photo   bool
	Fixed   bool // the reader is limited to stores, and this is the chain's
	Follow  bool // the store has one of its own, and may follow the chain's again
	History []policyRow
}

// policyField is one number of a policy as a manager says it.
type policyField struct {
	Name                   string
	Label, Hint            string
	Value, From, To, Usual string
	Step                   string
}

type policyRow struct {
	Version     int
	At, By, Say string
}

// policyNumber is how a number of a policy is shown: times a scale, in so many digits.
type policyNumber struct {
	name   string
	scale  float64
	digits int
	bound  picking.Bound
	of     func(*picking.Policy) float64
	set    func(*picking.Policy, float64)
}

// policyNumbers are the numbers of a policy in the order in which they are asked for.
func policyNumbers() []policyNumber {
	b := picking.PolicyBounds()
	return []policyNumber{
		{"service", 100, 1, b.Service, func(p *picking.Policy) float64 { return p.Service }, func(p *picking.Policy, n float64) { p.Service = n }},
		{"essential", 100, 1, b.Essential, func(p *picking.Policy) float64 { return p.Essential }, func(p *picking.Policy, n float64) { p.Essential = n }},
		{"days", 1, 0, b.Days, func(p *picking.Policy) float64 { return float64(p.Days) }, func(p *picking.Policy, n float64) { p.Days = int(n) }},
		{"least", 1, 0, b.Least, func(p *picking.Policy) float64 { return float64(p.Least) }, func(p *picking.Policy, n float64) { p.Least = int(n) }},
		{"waste", 1, 1, b.Waste, func(p *picking.Policy) float64 { return p.Waste }, func(p *picking.Policy, n float64) { p.Waste = n }},
		{"keep", 100, 0, b.Keep, func(p *picking.Policy) float64 { return p.Keep }, func(p *picking.Policy, n float64) { p.Keep = n }},
		{"nighthour", 0.01, 2, b.NightHour, func(p *picking.Policy) float64 { return float64(p.NightHour) }, func(p *picking.Policy, n float64) { p.NightHour = protocol.Fen(n) }},
		{"minute", 0.01, 2, b.Minute, func(p *picking.Policy) float64 { return float64(p.Minute) }, func(p *picking.Policy, n float64) { p.Minute = protocol.Fen(n) }},
		{"expired", 0.01, 2, b.ExpiredOut, func(p *picking.Policy) float64 { return float64(p.ExpiredOut) }, func(p *picking.Policy, n float64) { p.ExpiredOut = protocol.Fen(n) }},
		{"worth", 1, 0, b.Worth, func(p *picking.Policy) float64 { return float64(p.Worth) }, func(p *picking.Policy, n float64) { p.Worth = int(n) }},
		{"roundup", 1, 0, b.RoundUp, func(p *picking.Policy) float64 { return float64(p.RoundUp) }, func(p *picking.Policy, n float64) { p.RoundUp = int(n) }},
	}
}

func (n policyNumber) show(value float64) string {
	return strconv.FormatFloat(math.Round(value*n.scale*1000)/1000, 'f', -1, 64)
}

// read takes what somebody typed; false where it is no number within its bounds. What has no digits is whole.
func (n policyNumber) read(text string) (float64, bool) {
	typed, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	value := math.Round(typed/n.scale*1e6) / 1e6
	whole := n.digits > 0 || typed == math.Trunc(typed)
	return value, err == nil && whole && n.bound.Has(value)
}

func (p *Pages) policyRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: "/rounds/policy", Access: httpx.Planners(), Handler: p.policy},
		{Method: http.MethodPost, Path: "/rounds/policy", Access: httpx.Planners(), Handler: p.setPolicy},
	}
}

func (p *Pages) policy(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	store := cloud.StoreID(c.QueryParam("store"))
	if store != "" {
		if err := httpx.MayAt(c, store); err != nil {
			return err
		}
	}
	held, err := p.Policies.Policy(ctx, store)
	if err != nil {
		return err
	}
	stores, err := p.storesOf(c)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return err
	}
	view := v.policyView(held, store, stores, zone(chain))
	if view.Fixed = store == "" && boundOf(c) != ""; view.Fixed {
		view.Lead = v.say("policy.lead.fixed")
	}
	return p.show(c, screen{Template: "policy", Face: "staff", Title: v.say("policy.title") + " · " + view.Name, Path: policyPath(store), Nav: "rounds", Data: view})
}

func policyPath(store cloud.StoreID) string {
	return atStore("/rounds/policy", store)
}

func (v *view) policyView(held cloud.PolicyOf, store cloud.StoreID, stores []cloud.Store, loc *time.Location) policyView {
	view := policyView{Store: string(store), Name: v.say("policy.chain"), Stores: stores, Version: held.Version, Photo: held.Policy.Photo, Follow: held.Own && store != ""}
	for _, s := range stores {
		if s.ID == store {
			view.Name = v.lang.Pick(s.Name)
		}
	}
	switch {
	case store == "" && held.Own:
		view.Lead = v.say("policy.lead.chain")
	case store == "":
		view.Lead = v.say("policy.lead.usual")
	case held.Own:
		view.Lead = v.say("policy.lead.own")
	default:
		view.Lead = v.say("policy.lead.follows")
	}
	usual := held.Chain
	if store == "" {
		usual = picking.Usual()
	}
	for _, n := range policyNumbers() {
		field := policyField{
			Name: n.name, Label: v.say("policy." + n.name), Hint: v.say("policy." + n.name + ".hint"), Value: n.show(n.of(&held.Policy)),
			From: n.show(n.bound.From), To: n.show(n.bound.To), Step: "1",
		}
		if n.digits > 0 {
			field.Step = "any"
		}
		if said := n.show(n.of(&usual)); said != field.Value {
			field.Usual = v.say("policy.usually", said)
		}
		view.Fields = append(view.Fields, field)
	}
	for i, h := range held.History {
		view.History = append(view.History, policyRow{h.Version, v.clock(moment{At: h.At.In(loc), Day: true}), h.By, v.policyChange(held.History, i)})
	}
	return view
}

// policyChange tells in what a version differs from the one before it.
func (v *view) policyChange(all []cloud.RefillPolicy, i int) string {
	now := all[i].Policy
	switch {
	case now == nil:
		return v.say("policy.followed")
	case i+1 == len(all) || all[i+1].Policy == nil:
		return v.say("policy.said")
	}
	var said []string
	for _, n := range policyNumbers() {
		if was, is := n.show(n.of(all[i+1].Policy)), n.show(n.of(now)); was != is {
			said = append(said, v.say("policy."+n.name)+" "+was+" → "+is)
		}
	}
	if now.Photo != all[i+1].Policy.Photo {
		said = append(said, v.say("policy.photo."+strconv.FormatBool(now.Photo)))
	}
	return strings.Join(said, " · ")
}

// setPolicy keeps what the form says as the next version.
func (p *Pages) setPolicy(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	store := cloud.StoreID(c.FormValue("store"))
	if err := httpx.MayAt(c, store); err != nil {
		return err
	}
	set := cloud.RefillPolicy{Store: store, By: who.Name}
	if set.Version, err = numberOf(c, "version"); err != nil {
		return err
	}
	if c.FormValue("follow") == "" {
		set.Policy = &picking.Policy{Photo: c.FormValue("photo") != ""}
		for _, n := range policyNumbers() {
			value, ok := n.read(c.FormValue(n.name))
			if !ok {
				return protocol.Errorf(protocol.CodeMalformed, "%s: want a number from %s to %s", n.name, n.show(n.bound.From), n.show(n.bound.To))
			}
			n.set(set.Policy, value)
		}
	}
	if err := p.Policies.SetPolicy(c.Request().Context(), set); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, policyPath(store))
}
