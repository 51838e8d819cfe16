package web

import (
	"cmp"
	"slices"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// strayView is goods that lie where they do not belong.
type strayView struct {
	cloud.Astray
	Name  string
	Taken string // what was taken along; "" where nothing was
	Key   string
}

// chores puts beside the lanes of a stop what is to be done there besides.
func (v *view) chores(page *stopPage, r cloud.RoundView, goods []cloud.ShelfGood, chores cloud.StopChores) {
	names := map[protocol.SKU]string{}
	for _, g := range goods {
		names[g.Article.SKU] = v.lang.Pick(g.Article.Name)
	}
	for _, s := range chores.Strays {
		row := strayView{Astray: s, Name: cmp.Or(names[s.SKU], v.articleName(r, s.SKU)), Key: sumOf([]byte(page.Key + "stray" + string(s.Platform) + string(s.SKU)))}
		if l := r.Line(picking.Place{Cabinet: page.Stop.Cabinet, Platform: s.Platform, SKU: s.SKU}); l != nil && l.Counted != nil {
			row.Taken = v.say("walk.stray.taken", -*l.Counted)
		}
		page.Strays = append(page.Strays, row)
	}
	for i := range page.Lanes {
		l := &page.Lanes[i]
		l.Dirty = slices.Contains(chores.Dirty, l.Platform)
		if t := slices.IndexFunc(chores.Tags, func(t cloud.PriceTag) bool { return t.SKU == l.SKU }); t >= 0 {
			l.Tag = v.say("walk.tag", chores.Tags[t].Was.String(), chores.Tags[t].Is.String())
			page.Tags++
		}
	}
	for _, id := range chores.Dirty {
		page.Dirty = append(page.Dirty, string(id))
	}
}
