package web

import (
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
)

// IncidentWords tell of incidents outside of the pages, in both languages.
type IncidentWords struct{ zh, en *view }

// NewIncidentWords tells of them as the pages do.
func NewIncidentWords() IncidentWords {
	_, views := embedded()
	return IncidentWords{views[httpx.Chinese], views[httpx.English]}
}

func (w IncidentWords) both(say func(v *view) string) cloud.Text {
	return cloud.Text{Zh: say(w.zh), En: say(w.en)}
}

// What names an incident with what it is about; article is the name of the one, if it is about any that is known.
func (w IncidentWords) What(i cloud.Incident, article cloud.Text) cloud.Text {
	var names goodsNames
	if article != (cloud.Text{}) {
		names = goodsNames{i.Article(): article}
	}
	return w.both(func(v *view) string { return v.incidentWhat(i, names) })
}

// Where names the cabinets of a store: by number, or by id where nobody planned them.
func (w IncidentWords) Where(store cloud.Text, cabinets []cloud.Cabinet) cloud.Text {
	return w.both(func(v *view) string {
		var names []string
		for _, c := range cabinets {
			switch {
			case c.ID == "":
				names = append(names, v.say("incident.place.money"))
			case c.Number == 0:
				names = append(names, string(c.ID))
			default:
				names = append(names, v.say("cabinet.number", c.Number))
			}
		}
		said := strings.Join(names, v.say("cover.and"))
		if name := v.lang.Pick(store); name != "" {
			said = name + " · " + said
		}
		return said
	})
}

// When tells a moment by the clocks of its own zone.
func (w IncidentWords) When(at time.Time) cloud.Text {
	return w.both(func(v *view) string { return v.clock(moment{At: at, Day: true}) })
}
