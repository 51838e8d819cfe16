package served

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

// Follow keeps what the master data say of coverage where they say something else than before: the past is judged by what held
// then. It belongs into the transaction in which they change.
func Follow(tx cloud.Tx, now time.Time) error {
	stores, err := tx.Plans.Stores()
	if err != nil {
		return err
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	marked, err := markedNow(tx)
	if err != nil {
		return err
	}
	if err := follow(tx, now, "", cloud.RuleMarked, marked); err != nil {
		return err
	}
	if err := follow(tx, now, "", cloud.RuleCodes, chain.Offline.Valid > 0); err != nil {
		return err
	}
	for _, s := range stores {
		if err := follow(tx, now, s.ID, cloud.RuleHours, s.Hours); err != nil {
			return err
		}
	}
	return nil
}

// follow adds a rule where the newest of its kind says something else. The first one holds since ever.
func follow(tx cloud.Tx, now time.Time, store cloud.StoreID, kind cloud.RuleKind, says any) error {
	body, err := json.Marshal(says)
	if err != nil {
		return fmt.Errorf("rule %s: %w", kind, err)
	}
	rules, err := tx.CoverageRules.Rules(store)
	if err != nil {
		return err
	}
	rule := cloud.CoverageRule{Store: store, Kind: kind, Body: body, Made: now}
	for _, r := range rules {
		if r.Kind != kind || r.Store != store {
			continue
		}
		rule.From = now
		if bytes.Equal(r.Body, body) {
			rule.Kind = ""
		} else {
			rule.Kind = kind
		}
	}
	if rule.Kind == "" {
		return nil
	}
	return tx.CoverageRules.AddRule(rule)
}

// markedNow is of each category which articles are marked essential.
func markedNow(tx cloud.Tx) (map[string][]protocol.SKU, error) {
	articles, err := tx.Plans.Articles()
	marked := make(map[string][]protocol.SKU)
	for _, a := range articles {
		if a.Essential {
			marked[a.Category] = append(marked[a.Category], a.SKU)
		}
	}
	return marked, err
}

// law is what a store is judged by, as it changed.
type law struct {
	calendar coverage.Calendar
	needs    []coverage.Need
	codes    []coverage.Codes
	marked   map[string][]protocol.SKU // now
	owed     []string                  // now; nil: all that are marked
	many     int                       // rules
}

func readLaw(tx cloud.Tx, store cloud.Store, zone *time.Location) (law, error) {
	l := law{calendar: coverage.Calendar{Zone: zone, Special: map[string][]coverage.Minutes{}}}
	rules, err := tx.CoverageRules.Rules(store.ID)
	if err != nil {
		return l, err
	}
	l.many = len(rules)
	for _, r := range rules {
		if err := l.take(r); err != nil {
			return l, fmt.Errorf("rule %s of %s: %w", r.Kind, store.ID, err)
		}
	}
	special, err := tx.Special.Of(store.ID)
	if err != nil {
		return l, err
	}
	for _, h := range special {
		l.many++
		if !h.Ended.IsZero() {
			l.many++
		}
	}
	maps.Copy(l.calendar.Special, cloud.SpecialDays(special))
	if len(l.calendar.Usual) == 0 { // Nobody changed the master data since there are rules.
		l.calendar.Usual = []coverage.Hours{{Spans: cloud.Minutes(store.Hours)}}
	}
	if l.marked == nil {
		if l.marked, err = markedNow(tx); err != nil {
			return l, err
		}
		l.needs = append([]coverage.Need{l.need(0)}, l.needs...)
	}
	if len(l.codes) == 0 {
		chain, err := tx.Plans.Chain()
		if err != nil {
			return l, err
		}
		l.codes = []coverage.Codes{{Allowed: chain.Offline.Valid > 0}}
	}
	return l, nil
}

func (l *law) take(r cloud.CoverageRule) error {
	from := int64(0)
	if !r.From.IsZero() {
		from = r.From.UnixMilli()
	}
	switch r.Kind {
	case cloud.RuleHours:
		var hours []cloud.Hours
		if err := json.Unmarshal(r.Body, &hours); err != nil {
			return err
		}
		l.calendar.Usual = append(l.calendar.Usual, coverage.Hours{From: from, Spans: cloud.Minutes(hours)})
	case cloud.RuleDay:
		var hours []cloud.Hours
		if err := json.Unmarshal(r.Body, &hours); err != nil {
			return err
		}
		l.calendar.Special[string(r.Day)] = cloud.Minutes(hours)
	case cloud.RuleCodes:
		c := coverage.Codes{From: from}
		if err := json.Unmarshal(r.Body, &c.Allowed); err != nil {
			return err
		}
		l.codes = append(l.codes, c)
	case cloud.RuleMarked:
		l.marked = nil
		if err := json.Unmarshal(r.Body, &l.marked); err != nil {
			return err
		}
		l.needs = append(l.needs, l.need(from))
	case cloud.RuleNeeds:
		l.owed = nil
		if err := json.Unmarshal(r.Body, &l.owed); err != nil {
			return err
		}
		l.needs = append(l.needs, l.need(from))
	}
	return nil
}

// need is what is owed by what was said so far.
func (l *law) need(from int64) coverage.Need {
	n := coverage.Need{From: from}
	for _, name := range sortedKeys(l.marked) {
		if l.owed == nil || slices.Contains(l.owed, name) {
			n.Categories = append(n.Categories, coverage.Category{Name: name, SKUs: l.marked[name]})
		}
	}
	return n
}
