package api

import (
	"context"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// troubles knows one incident, whose number is 7.
type troubles struct{ acts []cloud.IncidentAct }

func (*troubles) story() cloud.IncidentStory {
	at := time.UnixMilli(1_700_000_000_000)
	return cloud.IncidentStory{
		Incident: cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentLock, Subject: "1", Count: 2, First: at, Last: at, Number: 7, Opened: at, Taken: at, Whom: "Chen Jun"},
		Steps:    []cloud.IncidentStep{{ID: 1, Number: 7, At: at, Did: cloud.IncidentOpened}, {ID: 2, Number: 7, At: at, Did: cloud.IncidentAssigned, By: "Li Na", Whom: "Chen Jun"}},
	}
}

func (t *troubles) List(context.Context, cloud.IncidentQuery) ([]cloud.Incident, error) {
	return []cloud.Incident{t.story().Incident}, nil
}

func (t *troubles) Story(_ context.Context, number int) (cloud.IncidentStory, error) {
	if number != 7 {
		return cloud.IncidentStory{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return t.story(), nil
}

func (t *troubles) Act(_ context.Context, a cloud.IncidentAct) (cloud.IncidentStory, error) {
	if a.Did == cloud.IncidentOpened {
		return cloud.IncidentStory{}, protocol.Errorf(protocol.CodeMalformed, "none")
	}
	t.acts = append(t.acts, a)
	return t.story(), nil
}

func (*troubles) Hands(context.Context) ([]cloud.Principal, error) { return nil, nil }

func (*troubles) Times(context.Context, time.Time) (map[cloud.IncidentKind]cloud.IncidentTimes, error) {
	return map[cloud.IncidentKind]cloud.IncidentTimes{cloud.IncidentLock: {Ended: 2, Detect: time.Minute, Repair: time.Hour}}, nil
}

func TestIncidentsTellTheirMeanTimes(t *testing.T) {
	r := newRig(t)
	var list incidentsAnswer
	manager := r.manager()
	manager.want(200, "GET", "/api/v1/incidents", "", &list)
	if list.Detect != 30 || list.Repair != 1800 || len(list.Incidents) != 1 || list.Incidents[0].Urgency != cloud.UrgencyPage {
		t.Errorf("got %+v", list)
	}
}
