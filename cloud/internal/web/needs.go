package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	needsShown = 10  // on the page of the chain or of a store
	needsMost  = 500 // on the page that has them all
)

// needsNow is what needs a person, and what the articles are called that some of it is about.
type needsNow struct {
	cloud.Needs
	names goodsNames
}

func (p *Pages) needsNow(ctx context.Context, store cloud.StoreID) (now needsNow, err error) {
	if now.Needs, err = p.Tonight.Needs(ctx, store); err != nil {
		return now, err
	}
	of := make([][]cloud.Incident, 0, len(now.List))
	for _, n := range now.List {
		of = append(of, n.Incidents)
	}
	now.names, err = p.goodsNames(ctx, of...)
	return now, err
}

// reviews are the bills that wait; zero: none does.
func (n needsNow) reviews() cloud.Need {
	if i := slices.IndexFunc(n.List, func(n cloud.Need) bool { return n.Kind == cloud.NeedReviews }); i >= 0 {
		return n.List[i]
	}
	return cloud.Need{}
}

// needsPart is what needs a person now.
type needsPart struct {
	Rows  []neededRow
	More  int
	Where string // the list of the others
}

// neededRow is one of them.
type neededRow struct {
	Key, Icon, Tone string
	What, More      string
	Path            string
	Cost            string // an hour; empty: nobody knows
	Who             string
	Since           moment
	Do              string // the action's name
	Take            int    // number of the incident that the reader may take at once; 0: none
}

// needing writes needs in words.
type needing struct {
	*view
	loc      *time.Location
	now      time.Time
	may      rights
	heads    map[cloud.StoreID]*cloud.ServedHead
	cabinets map[protocol.CabinetID]*cloud.CabinetView
	names    goodsNames // of the articles that incidents are about
}

func (v *view) needsPart(needs needsNow, heads []cloud.ServedHead, cabinets []cloud.CabinetView, loc *time.Location, now time.Time, may rights, most int) needsPart {
	w := needing{view: v, loc: loc, now: now, may: may, names: needs.names, heads: make(map[cloud.StoreID]*cloud.ServedHead, len(heads)), cabinets: make(map[protocol.CabinetID]*cloud.CabinetView)}
	for i := range heads {
		w.heads[heads[i].Store.ID] = &heads[i]
	}
	shown := needs.List[:min(len(needs.List), most)]
	for _, n := range shown {
		w.cabinets[n.Cabinet] = nil
		if n.Gap != nil {
			for _, c := range n.Gap.Causes {
				w.cabinets[c.Cabinet] = nil
			}
		}
	}
	for i := range cabinets {
		if _, wanted := w.cabinets[cabinets[i].ID]; wanted {
			w.cabinets[cabinets[i].ID] = &cabinets[i]
		}
	}
	part := needsPart{More: len(needs.List) - len(shown) + needs.More, Where: "/incidents"} // What is not ranked is an incident.
	for _, n := range shown {
		part.Rows = append(part.Rows, w.row(n))
	}
	return part
}

// all leads to the page that has all of them, where some are not shown.
func (p needsPart) all(store cloud.StoreID) needsPart {
	if len(p.Rows) == needsShown && p.More > 0 {
		p.Where = needsPath(store, "")
	}
	return p
}

func (w needing) row(n cloud.Need) neededRow {
	row := neededRow{Since: moment{At: n.Since.In(w.loc), Day: w.now.Sub(n.Since) > 20*time.Hour}, Who: w.who(n), Tone: "amber", Icon: "clock"}
	if n.Costs && n.Hour > 0 {
		row.Cost = wholeYuan(n.Hour)
	}
	if n.Urgent {
		row.Tone, row.Icon = "clay", "alert"
	}
	switch n.Kind {
	case cloud.NeedGap:
		w.gap(&row, n)
	case cloud.NeedIncident:
		w.incident(&row, n)
	case cloud.NeedReviews:
		row.Key, row.Icon, row.Tone = "reviews", "person", "sky"
		row.What, row.More = w.count("need.reviews", n.Reviews), w.say("need.reviews.more", n.Guess)
		row.Path, row.Do = queuePath(n.Store, ""), w.say("need.do.reviews")
	case cloud.NeedDisputes:
		row.Key, row.Icon, row.Tone = "disputes", "person", "sky"
		row.What = w.count("disputes.open", n.Disputes)
		if w.may.Cases {
			row.Path, row.Do = disputesPath(n.Store, ""), w.say("need.do.disputes")
		}
	case cloud.NeedRound:
		row.Key = "round " + n.Round.String()
		row.What, row.More = w.say("need.round", w.store(n.Store)), w.count("need.round.more", n.Stops)
		if w.may.Plan {
			row.Path, row.Do = "/rounds/"+n.Round.String(), w.say("need.do.round")
		}
	}
	return row
}

// who tells who has it.
func (w needing) who(n cloud.Need) string {
	switch {
	case n.Whom != "":
		return w.say("need.with", n.Whom)
	case n.Taken:
		return w.say("incidents.state.taken")
	}
	return w.say("need.nobody")
}

func (w needing) store(id cloud.StoreID) string {
	if h, known := w.heads[id]; known {
		return w.lang.Pick(h.Store.Name)
	}
	return string(id)
}

func (w needing) gap(row *neededRow, n cloud.Need) {
	h := w.heads[n.Store]
	what := w.say("cover.gap.all")
	if !n.Gap.All {
		var names []string
		for _, c := range n.Gap.Categories {
			names = append(names, w.category(c))
		}
		what = w.say("cover.gap.lacks", strings.Join(names, w.say("cover.and")))
	}
	row.Key, row.What, row.Path, row.Do = "gap "+string(n.Store), w.say("need.gap", w.store(n.Store), what), storePath(n.Store), w.say("need.do.gap")
	if len(n.Gap.Causes) > 0 && h != nil {
		of := cloud.Served{Store: h.Store, Zone: w.loc, Names: h.Names}
		for _, c := range n.Gap.Causes {
			if cab := w.cabinets[c.Cabinet]; cab != nil {
				of.Cabinets = append(of.Cabinets, cab.Cabinet)
			}
		}
		last := n.Gap.Causes[len(n.Gap.Causes)-1] // What began last keeps it open.
		row.More = w.causeRow(of, last, n.Gap.Span).Say
	}
	w.take(row, n)
}

func (w needing) incident(row *neededRow, n cloud.Need) {
	first := n.Incidents[0]
	where := w.incidentPlace(first, w.cabinets[n.Cabinet])
	row.Key, row.What = "cabinet "+string(n.Cabinet), w.say("need.incident", where, w.incidentWhat(first, w.names))
	row.Path, row.Do = incidentPath(first.Number), w.say("need.do.incident")
	if more := len(n.Incidents) - 1; more > 0 {
		row.More = w.count("need.more", more)
	}
	w.take(row, n)
}

// take offers the first incident that nobody has.
func (w needing) take(row *neededRow, n cloud.Need) {
	if !w.may.Respond {
		return
	}
	for _, i := range n.Incidents {
		if i.Taken.IsZero() {
			row.Take = i.Number
			return
		}
	}
}
