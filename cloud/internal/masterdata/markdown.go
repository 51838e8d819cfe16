package masterdata

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/picking"
)

// everyCategory is what a table calls the rule of every category that has none of its own.
const everyCategory = "*"

// Bounds of a rule.
const (
	mostDays    = 365
	mostPercent = 90 // what costs less is given away, not sold
)

// readMarkdowns reads rules, a line for each step; a line without one says the rest alone. The lines of a category are its whole
// rule, and say the rest alike.
func readMarkdowns(list node) cloud.Markdowns {
	var rules cloud.Markdowns
	for _, n := range list.items() {
		category := n.at("category").text(maxID)
		if category == everyCategory {
			category = ""
		}
		said := picking.Markdown{AtCost: n.at("at_cost").yes(), AlertAt: int(n.at("alert_days").whole(0, mostDays))}
		i := slices.IndexFunc(rules, func(r cloud.Markdown) bool { return r.Category == category })
		if i < 0 {
			rules, i = append(rules, cloud.Markdown{Category: category, Markdown: said}), len(rules)
		}
		rule := &rules[i]
		if rule.AtCost != said.AtCost || rule.AlertAt != said.AlertAt {
			n.at("alert_days").bad("want at_cost and alert_days alike in all lines of a category")
		}
		if !n.at("days_left").there && !n.at("percent").there {
			continue
		}
		step := picking.Step{DaysLeft: int(n.at("days_left").whole(0, mostDays)), Percent: int(n.at("percent").whole(1, mostPercent))}
		if slices.ContainsFunc(rule.Steps, func(s picking.Step) bool { return s.DaysLeft == step.DaysLeft }) {
			n.at("days_left").bad("the category has a step at %d days already", step.DaysLeft)
		}
		rule.Steps = append(rule.Steps, step)
	}
	return rules
}

// rules are those of the fleet; where nobody has said any, the one that holds then.
func (k Known) rules() cloud.Markdowns {
	if len(k.Rules) == 0 {
		return cloud.Markdowns{{Markdown: cloud.DefaultMarkdown()}}
	}
	return k.Rules
}

// markdownRecords are the lines of a rule, as they are read again.
func markdownRecords(m cloud.Markdown) (all []record) {
	one := record{"category": m.Category, "at_cost": oneOrZero(m.AtCost), "alert_days": whole(m.AlertAt)}
	if m.Category == "" {
		one["category"] = everyCategory
	}
	if len(m.Steps) == 0 {
		return []record{one}
	}
	for _, s := range m.Steps {
		all = append(all, record{
			"category": one["category"], "days_left": whole(s.DaysLeft), "percent": whole(s.Percent), "at_cost": one["at_cost"], "alert_days": one["alert_days"],
		})
	}
	return all
}

// markdownRecord is a rule as one entry, its steps in one text.
func markdownRecord(m cloud.Markdown) record {
	r := markdownRecords(cloud.Markdown{Category: m.Category, Markdown: picking.Markdown{AtCost: m.AtCost, AlertAt: m.AlertAt}})[0]
	steps := make([]string, len(m.Steps))
	for i, s := range m.Steps {
		steps[i] = fmt.Sprintf("%d: %d %%", s.DaysLeft, s.Percent)
	}
	r["percent"] = strings.Join(steps, ", ")
	return r
}

// markdown compares the rule of a category with what it was.
func (c *comparison) markdown(m cloud.Markdown) bool {
	rules := c.known.rules()
	i := slices.IndexFunc(rules, func(k cloud.Markdown) bool { return k.Category == m.Category })
	if i < 0 {
		return c.entry(cloud.MasterMarkdowns, markdownRecord(m)["category"], cloud.Text{}, nil, markdownRecord(m))
	}
	if reflect.DeepEqual(rules[i], m) {
		c.unchanged++
		return false
	}
	return c.entry(cloud.MasterMarkdowns, markdownRecord(m)["category"], cloud.Text{}, markdownRecord(rules[i]), markdownRecord(m))
}
