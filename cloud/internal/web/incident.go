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
			What:   v.say(key, i.Subject), More: v.incidentMore(i), Detail: v.noticed(i), Since: moment{At: i.First.In(loc), Day: true}, Count: i.Count,
		}
		w.Care = v.say("incidents.urgency."+string(i.Kind.Care().Urgency), v.say("role."+string(i.Kind.Care().Role)), v.sayIncident(i))
		if i.Kind.OfVisit() {
			w.Visit = i.Subject
		}
		all = append(all, w)
	}
	return all
}

// scaleReason says what is wrong with a scale; empty where the incident is none of a scale, or nobody has words for it.
func (v *view) scaleReason(i cloud.Incident) string {
	if key := "scale." + i.Detail; i.Kind == cloud.IncidentScale && v.has(key) {
		return v.say(key)
	}
	return ""
}

// incidentMore says what an incident means.
func (v *view) incidentMore(i cloud.Incident) string {
	more := v.say("incident." + string(i.Kind) + ".more")
	if said := v.scaleReason(i); said != "" {
		return v.say("incident.both", said, more)
	}
	return more
}

// noticed is an incident's detail as it was noticed, where no words say the same.
func (v *view) noticed(i cloud.Incident) string {
	if v.scaleReason(i) != "" {
		return ""
	}
	return i.Detail
}
