package web

import (
	"time"

	"allhours/cloud"
)

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

func (v *view) incidentViews(open []cloud.Incident, loc *time.Location) (all []incidentView) {
	for _, i := range open {
		key := "incident." + string(i.Kind)
		w := incidentView{
			Number: i.Number,
			What:   v.say(key, i.Subject), More: v.say(key + ".more"), Detail: i.Detail, Since: moment{At: i.First.In(loc), Day: true}, Count: i.Count,
		}
		w.Care = v.say("incidents.urgency."+string(i.Kind.Care().Urgency), v.say("role."+string(i.Kind.Care().Role)), v.sayIncident(i))
		if i.Kind.OfVisit() {
			w.Visit = i.Subject
		}
		all = append(all, w)
	}
	return all
}
