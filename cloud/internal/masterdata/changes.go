package masterdata

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// changedChain is a change that only a JSON document makes.
const changedChain cloud.MasterKind = "chain"

// comparison finds what a document changes of what the fleet has, and leaves only that in it.
type comparison struct {
	known     Known
	changes   []cloud.MasterChange
	unchanged int
}

// Changes lists what a document changes, entry by entry, and how many entries say what is there already. What stays of the
// document is what changes.
func Changes(m cloud.MasterData, known Known) (only cloud.MasterData, changes []cloud.MasterChange, unchanged int) {
	c := comparison{known: known}
	if known.Chain == nil || !reflect.DeepEqual(*known.Chain, m.Chain) {
		c.changes = append(c.changes, cloud.MasterChange{Kind: changedChain, Name: m.Chain.Name, Added: known.Chain == nil})
	}
	m.Stores = differing(m.Stores, func(s cloud.Store) bool {
		i := slices.IndexFunc(known.Stores, func(k cloud.Store) bool { return k.ID == s.ID })
		var before record
		if i >= 0 {
			before = storeRecord(known.Stores[i])
		}
		return c.entry(cloud.MasterStores, string(s.ID), s.Name, before, storeRecord(s))
	})
	was := make(map[protocol.SKU]record, len(known.Articles))
	for _, a := range known.Articles {
		was[a.SKU] = articleRecord(a)
	}
	m.Articles = differing(m.Articles, func(a cloud.Article) bool {
		return c.entry(cloud.MasterArticles, string(a.SKU), a.Name, was[a.SKU], articleRecord(a))
	})
	m.Cabinets = differing(m.Cabinets, c.cabinet)
	m.Markdowns = differing(m.Markdowns, c.markdown)
	m.Shelves = differing(m.Shelves, c.aisle)
	return m, c.changes, c.unchanged
}

func differing[T any](all []T, differs func(T) bool) (some []T) {
	for _, one := range all {
		if differs(one) {
			some = append(some, one)
		}
	}
	return some
}

// entry compares one entry with what it was; nil: it is new.
func (c *comparison) entry(kind cloud.MasterKind, key string, name cloud.Text, before, after record) bool {
	if before == nil {
		c.changes = append(c.changes, cloud.MasterChange{Kind: kind, Key: key, Name: name, Added: true, Fields: fields(kind, nil, after)})
		return true
	}
	changed := fields(kind, before, after)
	if len(changed) == 0 {
		c.unchanged++
		return false
	}
	c.changes = append(c.changes, cloud.MasterChange{Kind: kind, Key: key, Name: name, Fields: changed})
	return true
}

// fields are those that differ, in the order of the table's columns.
func fields(kind cloud.MasterKind, before, after record) (changed []cloud.FieldChange) {
	for _, head := range written(kind) {
		if before[head] != after[head] {
			changed = append(changed, cloud.FieldChange{Field: head, From: before[head], To: after[head]})
		}
	}
	return changed
}

// cabinet compares a cabinet platform by platform, and what else is said of it as one thing.
func (c *comparison) cabinet(now cloud.PlannedCabinet) bool {
	was, known := c.known.cabinet(now.ID)
	if !known {
		c.changes = append(c.changes, cloud.MasterChange{Kind: cloud.MasterCabinets, Key: string(now.ID), Name: now.Place, Added: true})
		return true
	}
	changed := false
	if !reflect.DeepEqual(bare(was), bare(now.Cabinet)) {
		c.changes = append(c.changes, cloud.MasterChange{
			Kind: cloud.MasterCabinets, Key: string(now.ID), Name: now.Place, Fields: fields(cloud.MasterCabinets, cabinetRecord(was), cabinetRecord(now.Cabinet)),
		})
		changed = true
	}
	for _, p := range now.Platforms {
		i := slices.IndexFunc(was.Platforms, func(q cloud.Platform) bool { return q.ID == p.ID })
		if i < 0 {
			continue // It is among what else is said of the cabinet.
		}
		before, after := goods(was.Platforms[i]), goods(p)
		if before == after {
			c.unchanged++
			continue
		}
		c.changes = append(c.changes, cloud.MasterChange{
			Kind: cloud.MasterPlanograms, Key: string(now.ID) + " " + string(p.ID), Name: now.Place,
			Fields: []cloud.FieldChange{{Field: "sku", From: before, To: after}},
		})
		changed = true
	}
	return changed
}

// bare is a cabinet without what lies in it and without what the fleet adds to it.
func bare(c cloud.Cabinet) cloud.Cabinet {
	c.Shard, c.Config = 0, 0
	c.Platforms = slices.Clone(c.Platforms)
	for i := range c.Platforms {
		c.Platforms[i].SKUs, c.Platforms[i].Par, c.Platforms[i].Room = nil, nil, nil
	}
	return c
}

// goods is what lies on a platform in one line, with how many a refill fills up to, and how many fit.
func goods(p cloud.Platform) string {
	parts := make([]string, len(p.SKUs))
	for i, sku := range p.SKUs {
		parts[i] = string(sku)
		if p.Par[sku] > 0 {
			parts[i] = fmt.Sprintf("%s × %d", sku, p.Par[sku])
		}
		if p.Room[sku] > 0 {
			parts[i] += fmt.Sprintf(" ≤ %d", p.Room[sku])
		}
	}
	return strings.Join(parts, ", ")
}
