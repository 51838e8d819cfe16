package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// goodsNames is what articles are called, for the incidents that are about one.
type goodsNames map[protocol.SKU]cloud.Text

// goodsNames reads the names only where an incident is about an article.
func (p *Pages) goodsNames(ctx context.Context, incidents ...[]cloud.Incident) (goodsNames, error) {
	wanted := func(i cloud.Incident) bool { return i.Article() != "" }
	if !slices.ContainsFunc(incidents, func(of []cloud.Incident) bool { return slices.ContainsFunc(of, wanted) }) {
		return nil, nil
	}
	articles, err := p.Assortment.Articles(ctx)
	names := make(goodsNames, len(articles))
	for _, a := range articles {
		names[a.SKU] = a.Name
	}
	return names, err
}

// incidentView is something that somebody should look at, in words.
type incidentView struct {
	Number int
	What   string
	More   string
	Detail string // as it was noticed, for whoever looks into it
	Visit  string // that it is about; empty where it is about none
	Care   string // whether somebody is woken for it, and how far it is
	Since  moment
	Count  int
}

func (v *view) incidentViews(open []cloud.Incident, names goodsNames, loc *time.Location) (all []incidentView) {
	for _, i := range open {
		w := incidentView{
			Number: i.Number, What: v.incidentWhat(i, names), More: v.incidentMore(i, names, loc), Detail: v.noticed(i, names, loc),
			Since: moment{At: i.First.In(loc), Day: true}, Count: i.Count,
		}
		w.Care = v.say("incidents.urgency."+string(i.Kind.Care().Urgency), v.say("role."+string(i.Kind.Care().Role)), v.sayIncident(i))
		if i.Kind.OfVisit() {
			w.Visit = i.Subject
		}
		all = append(all, w)
	}
	return all
}

// incidentWhat names an incident with what it is about.
func (v *view) incidentWhat(i cloud.Incident, names goodsNames) string {
	return v.say("incident."+string(i.Kind), v.incidentSubject(i, names))
}

// incidentSubject is what of the cabinet an incident is about: an article by its name, and a day in words.
func (v *view) incidentSubject(i cloud.Incident, names goodsNames) string {
	if platform, sku, until, is := i.Lot(); is {
		return v.say("incident.lot", v.called(sku, names), platform, v.dayName(until))
	}
	if i.Kind == cloud.IncidentUnitWeight {
		return v.called(i.Article(), names)
	}
	return i.Subject
}

// called is an article's name, or its number where nobody knows of it any more.
func (v *view) called(sku protocol.SKU, names goodsNames) string {
	if name, known := names[sku]; known {
		return v.lang.Pick(name)
	}
	return string(sku)
}

// incidentMore says what was noticed, and what it means.
func (v *view) incidentMore(i cloud.Incident, names goodsNames, loc *time.Location) string {
	more := v.say("incident." + string(i.Kind) + ".more")
	if said := v.incidentReason(i, names, loc); said != "" {
		return v.say("incident.both", said, more)
	}
	return more
}

// noticed is an incident's detail as it was noticed, where no words say the same.
func (v *view) noticed(i cloud.Incident, names goodsNames, loc *time.Location) string {
	form, parts, known := i.Facts()
	switch {
	case form == cloud.DetailConfig, form == cloud.DetailUnread: // What was stumbled over helps whoever corrects it.
		return parts[len(parts)-1]
	case known && len(parts) == 0, v.incidentReason(i, names, loc) != "":
		return ""
	}
	return strings.TrimSpace(i.Detail)
}

// incidentPlace is where an incident is: a cabinet by its store and number, or by its id where nobody planned it. What is about no cabinet is
// about the money of the chain.
func (v *view) incidentPlace(i cloud.Incident, cab *cloud.CabinetView) string {
	switch {
	case cab != nil:
		return v.where(*cab)
	case i.Cabinet == "":
		return v.say("incident.place.money")
	}
	return string(i.Cabinet)
}
