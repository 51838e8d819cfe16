package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// newRolloutView is the form that begins a roll-out.
type newRolloutView struct {
	Kind     cloud.RolloutKind
	Head     string
	Lead     string
	Articles []articleChoice
	Cabinets []articleChoice
	Stores   []cloud.Store
	Rows     []int
	Zone     string
}

func kindOfRollout(c echo.Context) (cloud.RolloutKind, error) {
	kind := cloud.RolloutKind(strings.Clone(c.Param("kind")))
	if !slices.Contains(cloud.RolloutKinds(), kind) {
		return "", protocol.Errorf(cloud.CodeNotFound, "there is no such kind of roll-out")
	}
	if !slices.Contains(kindsFor(boundOf(c)), kind) {
		return "", protocol.Errorf(cloud.CodeOtherStores, "a roll-out of %s is of all stores", kind)
	}
	return kind, nil
}

func (p *Pages) newRollout(c echo.Context) error {
	kind, err := kindOfRollout(c)
	if err != nil {
		return err
	}
	names, loc, err := p.planNames(c)
	if err != nil {
		return err
	}
	v := p.view(c)
	view := newRolloutView{Kind: kind, Head: v.say("rollout.new." + string(kind)), Lead: v.say("rollout.lead." + string(kind)), Zone: loc.String()}
	if view.Stores, err = p.storesOf(c); err != nil {
		return fmt.Errorf("stores: %w", err)
	}
	for _, a := range names.articles {
		if !a.Retired || kind == cloud.RolloutSwap {
			view.Articles = append(view.Articles, articleChoice{a.SKU, v.lang.Pick(a.Name)})
		}
	}
	of := boundOf(c)
	for _, cab := range names.cabinets {
		if !of.Holds(cab.Store) {
			continue
		}
		view.Cabinets = append(view.Cabinets, articleChoice{protocol.SKU(cab.ID), v.standsAt(cab)})
	}
	for _, list := range [][]articleChoice{view.Articles, view.Cabinets} {
		slices.SortFunc(list, func(a, b articleChoice) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	}
	for i := range priceRows {
		view.Rows = append(view.Rows, i+1)
	}
	return p.showMaster(c, "rollout-new", view.Head, rolloutsPath+"/new/"+string(kind), http.StatusOK, view)
}

// chosenWord is the first word of a field with a list: the name may stand behind it.
func chosenWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return word
}

// previewRollout shows what a roll-out would do, cabinet by cabinet.
func (p *Pages) previewRollout(c echo.Context) error {
	kind, err := kindOfRollout(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	a := cloud.AskRollout{Kind: kind, Why: strings.TrimSpace(c.FormValue("why")), By: who.Name, Of: who.Bound}
	a.What.Model = protocol.CabinetID(chosenWord(c.FormValue("model")))
	a.What.From, a.What.To = protocol.SKU(chosenWord(c.FormValue("swapped"))), protocol.SKU(chosenWord(c.FormValue("to")))
	for _, store := range form["store"] {
		a.What.Stores = append(a.What.Stores, cloud.StoreID(store))
	}
	for _, id := range strings.FieldsFunc(c.FormValue("cabinets"), func(r rune) bool { return strings.ContainsRune(" ,;，；、\r\n\t", r) }) {
		a.What.Cabinets = append(a.What.Cabinets, protocol.CabinetID(id))
	}
	if kind == cloud.RolloutPrices {
		if err := p.pricesAsked(c, form, &a); err != nil {
			return err
		}
	}
	return p.showRollout(c, a, "")
}

// pricesAsked reads the prices of the form, and from when they hold by the chain's clocks.
func (p *Pages) pricesAsked(c echo.Context, form map[string][]string, a *cloud.AskRollout) error {
	in := cloud.Intake{}
	if err := p.readFrom(c, &in); err != nil {
		return err
	}
	a.What.At, a.What.Prices = in.From.UTC(), map[protocol.SKU]protocol.Fen{}
	if in.From.IsZero() {
		a.What.At = time.Time{}
	}
	for i, text := range form["sku"] {
		sku := protocol.SKU(chosenWord(text))
		if sku == "" || i >= len(form["price"]) {
			continue
		}
		fen, ok := fenOf(form["price"][i])
		if !ok {
			return protocol.Errorf(protocol.CodeMalformed, "price: want yuan with two decimals at most")
		}
		a.What.Prices[sku] = fen
	}
	return nil
}

// fenOf reads yuan with two decimals at most.
func fenOf(text string) (protocol.Fen, bool) {
	yuan, cents, _ := strings.Cut(strings.TrimSpace(text), ".")
	if len(cents) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(yuan+(cents + "00")[:2], 10, 31)
	return protocol.Fen(n), err == nil
}

// rolloutPreview is what a roll-out would do.
type rolloutPreview struct {
	Head     string
	Notice   string
	What     string
	Why      string
	Rows     []rolloutTarget
	Same     string
	Barred   string
	Home     string // what is to be brought home, in all
	Ask      string
	Revision uint64
	Back     string
	Prices   bool
}

type rolloutTarget struct {
	ID      protocol.CabinetID
	Name    string
	Bars    string // why it cannot be changed
	Changes []string
	Home    string
	Warn    string
}

func (p *Pages) showRollout(c echo.Context, a cloud.AskRollout, notice string) error {
	found, err := p.Rollouts.PreviewRollout(c.Request().Context(), a)
	if err != nil {
		return err
	}
	names, _, err := p.planNames(c)
	if err != nil {
		return err
	}
	v := p.view(c)
	view := rolloutPreview{
		Head: v.count("rollout.would", found.Changed()), Notice: notice, Why: a.Why, Revision: found.Revision, Back: rolloutsPath + "/new/" + string(a.Kind),
		What: v.rolloutWhat(cloud.RolloutView{Rollout: cloud.Rollout{Kind: a.Kind, What: a.What}, Names: found.Names}), Prices: a.Kind == cloud.RolloutPrices,
	}
	same, units, cost := 0, 0, protocol.Fen(0)
	for _, one := range found.Cabinets {
		if one.Why == cloud.RolloutSame {
			same++
			continue
		}
		view.Rows = append(view.Rows, v.rolloutTarget(one, names, found.Names))
		if one.Why == "" {
			units, cost = units+one.Home, cost+one.Cost
		}
	}
	slices.SortStableFunc(view.Rows, func(a, b rolloutTarget) int { return strings.Compare(b.Bars, a.Bars) })
	if same > 0 {
		view.Same = v.count("rollout.same", same)
	}
	if n := found.Barred(); n > 0 {
		view.Barred = v.count("rollout.barred", n)
	}
	if units > 0 {
		view.Home = v.say("rollout.home.all", units, cost)
	}
	if found.Barred() == 0 && found.Changed() > 0 {
		if view.Ask, err = askText(a); err != nil {
			return err
		}
	}
	return p.showMaster(c, "rollout-preview", view.Head, view.Back, http.StatusOK, view)
}

func (v *view) rolloutTarget(one cloud.RolloutCabinet, names naming, articles map[protocol.SKU]cloud.Article) rolloutTarget {
	row := rolloutTarget{ID: one.Cabinet.ID, Name: v.standsAt(names.cabinets[one.Cabinet.ID])}
	if one.Why != "" {
		row.Bars = v.say("rollout.bars." + string(one.Why))
	}
	for _, t := range one.Turns {
		name := v.goodName(articles, t.SKU)
		switch t.Turn {
		case cloud.TurnOut:
			row.Changes = append(row.Changes, v.say("rollout.turn.out", t.Platform, t.Units, name))
		case cloud.TurnIn:
			row.Changes = append(row.Changes, v.turnIn(t, name))
		default:
			row.Changes = append(row.Changes, v.say("rollout.turn.price", t.Platform, name, t.Was, t.Is))
		}
	}
	if one.Why == "" && len(one.Turns) == 0 {
		row.Changes = append(row.Changes, v.say("draft.levels"))
	}
	if one.Home > 0 {
		row.Home = v.say("rollout.home", one.Home, one.Cost)
	}
	if one.Reviews > 0 {
		row.Warn = v.say("rollout.alike", one.Reviews)
	}
	return row
}

func (v *view) turnIn(t cloud.RolloutTurn, name string) string {
	if t.Units == 0 {
		return v.say("rollout.turn.in.open", t.Platform, name)
	}
	return v.say("rollout.turn.in", t.Platform, name, t.Units)
}

// applyRollout does what was previewed. Where somebody else was faster the preview is shown again, as it is by now.
func (p *Pages) applyRollout(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	var a cloud.AskRollout
	revision, err := strconv.ParseUint(c.FormValue("revision"), 10, 63)
	if err != nil || json.Unmarshal([]byte(c.FormValue("ask")), &a) != nil {
		return protocol.Errorf(protocol.CodeMalformed, "want what a preview asked for")
	}
	a.By, a.Of = who.Name, who.Bound
	r, err := p.Rollouts.ApplyRollout(c.Request().Context(), a, revision)
	if code := protocol.CodeOf(err); code == cloud.CodeChanged || code == cloud.CodeRolloutBarred {
		return p.showRollout(c, a, p.view(c).say("master.again"))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("%s/%d", rolloutsPath, r.Number))
}
