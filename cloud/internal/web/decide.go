package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// The ways to decide a review, beside the index of a story.
const (
	decideNothing = "nothing"
	decideLines   = "lines"
	decideWaive   = "waive"
)

// qtyField begins the name of the field that holds how many of an article were taken.
const qtyField = "qty-"

// decideView asks a person for a decision.
type decideView struct {
	Visit   protocol.VisitID
	Choices []choiceView
	Goods   []choiceGood // what may have been taken instead
}

// choiceView is one way to decide.
type choiceView struct {
	Value string
	Say   string
	Press string // the key that picks it
}

// choiceGood is an article of the cabinet, and how many of it the likeliest story has.
type choiceGood struct {
	SKU  protocol.SKU
	Name string
	Qty  int
}

// mayDecide reports a reader who decides reviews.
func mayDecide(c echo.Context) bool {
	who, err := httpx.PrincipalOf(c)
	return err == nil && slices.Contains(httpx.Deciders().Roles, who.Role)
}

// decideView offers the stories that can be charged as they are, and what else a person may know.
// Where the payment service took something before the books were restored, those that come to less are not among them.
func (v *view) decideView(of cloud.Case, goods []cloud.ShelfGood) *decideView {
	r := of.Review
	d := &decideView{Visit: r.Visit.ID}
	nothing := false
	for i, why := range r.Answer.Why[:min(len(r.Answer.Why), 2)] {
		if len(why.Lines) == 0 {
			nothing = true
		}
		if i >= len(r.Bills) || !r.Bills[i].Known || r.Bills[i].Total < of.Taken {
			continue
		}
		key := "decide.story"
		if len(why.Lines) == 0 {
			key = "decide.story.nothing"
		}
		d.Choices = append(d.Choices, choiceView{strconv.Itoa(i), v.say(key, v.say([]string{"review.first", "review.second"}[i]), r.Bills[i].Total), ""})
	}
	if !nothing && of.Taken == 0 {
		d.Choices = append(d.Choices, choiceView{decideNothing, v.say("decide.nothing"), ""})
	}
	for i := range d.Choices {
		d.Choices[i].Press = strconv.Itoa(i + 1)
	}
	d.Choices = append(d.Choices, choiceView{decideLines, v.say("decide.lines"), "E"})
	if of.Taken == 0 {
		d.Choices = append(d.Choices, choiceView{decideWaive, v.say("decide.waive"), "W"})
	}
	guessed := map[protocol.SKU]int{}
	if len(r.Answer.Why) > 0 {
		for _, l := range r.Answer.Why[0].Lines {
			guessed[l.SKU] = l.Qty
		}
	}
	for _, g := range goods {
		if sku := g.Article.SKU; !slices.ContainsFunc(d.Goods, func(known choiceGood) bool { return known.SKU == sku }) {
			d.Goods = append(d.Goods, choiceGood{sku, v.lang.Pick(g.Article.Name), guessed[sku]})
		}
	}
	return d
}

// decide takes the reader's decision.
func (p *Pages) decide(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	d := cloud.DecideReview{Visit: id, By: who.Name, Role: who.Role, Story: cloud.NoStory, Note: c.FormValue("note")}
	switch how := c.FormValue("how"); how {
	case decideNothing:
	case decideWaive:
		d.Waive = true
	case decideLines:
		if d.Lines, err = chosen(c); err != nil {
			return err
		}
	default:
		if d.Story, err = strconv.Atoi(how); err != nil || d.Story < 0 {
			return protocol.Errorf(protocol.CodeMalformed, "how: want one of the choices")
		}
	}
	return p.decided(c, d)
}

// decided carries a decision out and goes on to the next case. Who comes too late is shown what was decided.
func (p *Pages) decided(c echo.Context, d cloud.DecideReview) error {
	if c.FormValue("opened") != "" {
		if err := p.noteLook(c, d.Visit); err != nil {
			return err
		}
	}
	before, err := p.Cases.Case(c.Request().Context(), d.Visit, boundOf(c))
	if err != nil {
		return err
	}
	_, err = p.Visits.Decide(c.Request().Context(), d)
	if protocol.CodeOf(err) == cloud.CodeConflict {
		return p.showCase(c, d.Visit, true)
	}
	if err != nil {
		return err
	}
	next := "/reviews"
	if path := cmp.Or(casePath(before.After), casePath(before.Before)); path != "" {
		next = path
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// chosen reads how many of each article were taken; an empty field is none.
func chosen(c echo.Context) ([]settle.Line, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "form: want fields")
	}
	lines := []settle.Line{}
	for name, values := range form {
		sku, is := strings.CutPrefix(name, qtyField)
		if !is || values[0] == "" || values[0] == "0" {
			continue
		}
		qty, err := strconv.Atoi(values[0])
		if err != nil || qty < 0 || qty > 99 {
			return nil, protocol.Errorf(protocol.CodeMalformed, "%s: want a number of 0 to 99", name)
		}
		lines = append(lines, settle.Line{SKU: protocol.SKU(sku), Qty: qty})
	}
	slices.SortFunc(lines, func(a, b settle.Line) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return lines, nil
}
