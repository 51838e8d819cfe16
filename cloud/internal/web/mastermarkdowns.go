package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

// everyCategory is what the table of rules calls the rule of every category that has none of its own.
const everyCategory = "*"

// stepsOffered is how many steps of a rule the form has lines for.
const stepsOffered = 4

// markdownsView is the rules by which prices step down, and what they do now.
type markdownsView struct {
	Rules      []ruleRow
	Ended      []ruleRow
	Categories []string
	Steps      []stepField
	Now        []stepDown
	Edit       bool
	Done       string
	Rule       ruleFields // that the form begins with
}

type ruleRow struct {
	Category, Name, Steps, Alert, Floor string
	Over                                string // when and by whom it was ended
}

// ruleFields are the values of the form.
type ruleFields struct {
	Category string
	Alert    int
	AtCost   bool
}

type stepField struct{ Days, Percent string }

// stepDown is one lot whose price has stepped down, or would.
type stepDown struct {
	Name, Where, Path, Until string
	Units                    int
	Full, Price, Then        string
}

func (p *Pages) markdowns(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	rules, err := p.Expiry.Rules(ctx)
	if err != nil {
		return fmt.Errorf("markdowns: %w", err)
	}
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return fmt.Errorf("markdowns: %w", err)
	}
	due, err := p.Expiry.Due(ctx, "")
	if err != nil {
		return fmt.Errorf("markdowns: %w", err)
	}
	view := markdownsView{Edit: mayPlanAll(c), Done: v.done(c)}
	for _, r := range rules {
		view.Rules = append(view.Rules, v.ruleRow(r))
	}
	if view.Ended, err = p.endedRules(c); err != nil {
		return fmt.Errorf("markdowns: %w", err)
	}
	for _, a := range articles {
		if a.Category != "" && !slices.Contains(view.Categories, a.Category) {
			view.Categories = append(view.Categories, a.Category)
		}
	}
	slices.Sort(view.Categories)
	view.begin(rules, cmp.Or(c.QueryParam("category"), everyCategory))
	for _, d := range due {
		if d.Price != d.Full {
			view.Now = append(view.Now, v.stepDown(d))
		}
	}
	return p.showMaster(c, "markdowns", v.say("master.markdowns"), "/master/markdowns", http.StatusOK, view)
}

// endedRules are those that hold no more, the newest first.
func (p *Pages) endedRules(c echo.Context) (rows []ruleRow, err error) {
	ctx, v := c.Request().Context(), p.view(c)
	ended, err := p.Rules.EndedMarkdowns(ctx, historyShown)
	if err != nil {
		return nil, err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range ended {
		row := v.ruleRow(e.Markdown)
		row.Over = v.say("markdown.over", v.clock(moment{At: e.At.In(zone(chain)), Day: true}), e.By)
		rows = append(rows, row)
	}
	return rows, nil
}

// endMarkdown takes the rule of a category back from now on.
func (p *Pages) endMarkdown(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := p.Rules.EndMarkdown(c.Request().Context(), c.FormValue("category"), who.Name); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/master/markdowns?done=1")
}

// begin fills the form with the rule that holds for a category.
func (w *markdownsView) begin(rules cloud.Markdowns, category string) {
	name := category
	if name == everyCategory {
		name = ""
	}
	rule := rules.Of(name)
	w.Rule = ruleFields{Category: category, Alert: rule.AlertAt, AtCost: rule.AtCost}
	for i := range max(stepsOffered, len(rule.Steps)+1) {
		f := stepField{}
		if i < len(rule.Steps) {
			f.Days, f.Percent = strconv.Itoa(rule.Steps[i].DaysLeft), strconv.Itoa(rule.Steps[i].Percent)
		}
		w.Steps = append(w.Steps, f)
	}
}

func (v *view) ruleRow(r cloud.Markdown) ruleRow {
	row := ruleRow{Category: cmp.Or(r.Category, everyCategory), Name: cmp.Or(r.Category, v.say("markdown.every")), Alert: v.say("markdown.alert", r.AlertAt), Floor: v.say("markdown.anyprice")}
	if r.AtCost {
		row.Floor = v.say("markdown.atcost")
	}
	var steps []string
	for _, s := range r.Steps {
		steps = append(steps, v.say("markdown.step", s.DaysLeft, s.Percent))
	}
	row.Steps = cmp.Or(strings.Join(steps, " · "), v.say("markdown.nosteps"))
	return row
}

func (v *view) stepDown(d cloud.LotDue) stepDown {
	down := stepDown{
		Name: cmp.Or(v.lang.Pick(d.Article.Name), string(d.SKU)), Where: v.cabinetName(d.Cabinet) + " · " + string(d.Lane.Platform), Path: lanePath(d.Lane),
		Until: string(d.Until) + " · " + v.daysLeft(d.DaysLeft), Units: d.Units, Full: yuan(d.Full), Price: yuan(d.Price), Then: yuan(d.Step),
	}
	if d.Price == 0 { // Its date is over: no rule of prices changes that.
		down.Price, down.Then = v.say("expiry.notsold"), "—"
	}
	return down
}

// changeMarkdowns shows what the rule of the form would change.
func (p *Pages) changeMarkdowns(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	atCost := "0"
	if form.Get("at_cost") != "" {
		atCost = "1"
	}
	category := cmp.Or(strings.TrimSpace(form.Get("category")), everyCategory)
	var records [][]string
	for i, days := range form["days"] {
		percent := ""
		if i < len(form["percent"]) {
			percent = strings.TrimSpace(form["percent"][i])
		}
		if days = strings.TrimSpace(days); days != "" || percent != "" {
			records = append(records, []string{category, days, percent, atCost, form.Get("alert")})
		}
	}
	if len(records) == 0 {
		records = [][]string{{category, "", "", atCost, form.Get("alert")}}
	}
	text := spreadsheet.Write([]string{"category", "days_left", "percent", "at_cost", "alert_days"}, records)
	return p.preview(c, cloud.Intake{Kind: cloud.MasterMarkdowns, Text: text}, "/master/markdowns")
}

// stepsDown are the lots whose price the rules of a preview would change now. What is not sold stays so.
func (p *Pages) stepsDown(c echo.Context, rules cloud.Markdowns) (steps []stepDown, err error) {
	due, err := p.Expiry.Would(c.Request().Context(), rules)
	if err != nil {
		return nil, err
	}
	type good struct {
		cabinet protocol.CabinetID
		sku     protocol.SKU
	}
	seen := map[good]bool{} // What expires first says the price of an article in a cabinet.
	for _, d := range due {
		at := good{d.Cabinet.ID, d.SKU}
		if seen[at] || d.DaysLeft < 0 {
			continue
		}
		seen[at] = true
		if d.Price != 0 && d.Step != d.Price {
			steps = append(steps, p.view(c).stepDown(d))
		}
	}
	return steps, nil
}
