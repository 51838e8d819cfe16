package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// searchBody is what a caller knows. It is a body, because no address may hold a phone.
type searchBody struct {
	Phone    string             `json:"phone"` // E.164
	Resident protocol.UUID      `json:"resident"`
	Cabinet  protocol.CabinetID `json:"cabinet"`
	From     time.Time          `json:"from"`
	To       time.Time          `json:"to"`
	Number   string             `json:"number"` // of the receipt
	Before   protocol.VisitID   `json:"before"` // only those that began before this one
}

type foundAnswer struct {
	visitAnswer
	Resident string `json:"resident,omitempty"` // the end of the phone
}

type searchAnswer struct {
	Resident protocol.UUID `json:"resident,omitzero"` // whom the phone belongs to
	Visits   []foundAnswer `json:"visits"`            // the newest first; never null
	More     bool          `json:"more"`              // there are earlier ones
}

type storyAnswer struct {
	Visit     visitAnswer       `json:"visit"`
	Resident  string            `json:"resident,omitempty"` // the end of the phone
	Payment   cloud.Payment     `json:"payment"`
	Owed      protocol.Fen      `json:"owed_fen"`
	Left      protocol.Fen      `json:"left_fen"` // that may still be given back
	Events    []storyEvent      `json:"events"`
	Bill      *storyBill        `json:"bill,omitempty"`     // by the scales
	Decision  *storyDecision    `json:"decision,omitempty"` // of a person
	Payments  []storyOperation  `json:"payments"`
	Disputes  []disputeAnswer   `json:"disputes"`
	Actions   []storyAction     `json:"actions"`
	Incidents []storyIncident   `json:"incidents"`
	Messages  []storyOutMessage `json:"messages"`
}

type storyEvent struct {
	Type wire.EventType `json:"type"`
	At   *time.Time     `json:"at,omitempty"` // missing: the cabinet's clock was wrong
	Code protocol.Code  `json:"code,omitempty"`
}

type storyBill struct {
	At    time.Time     `json:"at"`
	Lines []lineAnswer  `json:"lines"`
	Total protocol.Fen  `json:"total_fen"`
	Why   protocol.Code `json:"why,omitempty"` // a person had to look
}

type storyDecision struct {
	At     time.Time    `json:"at"`
	By     string       `json:"by,omitempty"` // missing: nobody decided in time
	Waived bool         `json:"waived"`
	Lines  []lineAnswer `json:"lines"`
	Total  protocol.Fen `json:"total_fen"`
	Note   string       `json:"note,omitempty"`
}

type storyOperation struct {
	ID       protocol.UUID `json:"id"`
	Kind     cloud.OpKind  `json:"kind"`
	State    cloud.OpState `json:"state"`
	Amount   protocol.Fen  `json:"fen"`
	Provider string        `json:"provider"`
	At       time.Time     `json:"at"`
	By       string        `json:"by,omitempty"`
	Note     string        `json:"note,omitempty"`
}

type storyAction struct {
	At     time.Time        `json:"at"`
	By     string           `json:"by"`
	Kind   cloud.ActionKind `json:"kind"`
	Amount protocol.Fen     `json:"fen"`
	Why    string           `json:"why"`
}

type storyIncident struct {
	Kind    cloud.IncidentKind `json:"kind"`
	Subject string             `json:"subject"`
	Detail  string             `json:"detail"`
	Count   int                `json:"count"`
	First   time.Time          `json:"first"`
}

// storyOutMessage is what the resident was told; to which number is nobody's business.
type storyOutMessage struct {
	Kind   cloud.MessageKind  `json:"kind"`
	State  cloud.MessageState `json:"state"`
	Why    cloud.MessageWhy   `json:"why,omitempty"` // it was not sent
	Amount protocol.Fen       `json:"fen"`
	Queued time.Time          `json:"queued"`
	Ended  *time.Time         `json:"ended,omitempty"` // when it was sent, or given up
	Tries  int                `json:"tries"`
}

// search finds visits by what a caller knows.
func (a *API) search(c echo.Context) error {
	var body searchBody
	if err := read(c, &body); err != nil {
		return err
	}
	find, err := a.readSearch(c, body)
	if err != nil {
		return err
	}
	found, more, err := a.o.Support.Find(c.Request().Context(), find)
	if err != nil {
		return err
	}
	told := searchAnswer{Visits: []foundAnswer{}, More: more}
	if body.Phone != "" {
		told.Resident = find.Person
	}
	for _, v := range found {
		told.Visits = append(told.Visits, foundAnswer{describeVisit(c, v.Visit, httpx.AcceptLanguage(c.Request())), v.Masked})
	}
	return answer(c, http.StatusOK, told)
}

func (a *API) readSearch(c echo.Context, body searchBody) (find cloud.FindVisits, err error) {
	find = cloud.FindVisits{Person: body.Resident, Cabinet: body.Cabinet, From: body.From, To: body.To, Before: body.Before}
	if find.Cabinet != "" && find.Cabinet.Validate() != nil {
		return find, protocol.Errorf(protocol.CodeMalformed, "cabinet: want one as xs-01")
	}
	if find.From.IsZero() && !find.To.IsZero() {
		return find, protocol.Errorf(protocol.CodeMalformed, "from: want it where to is")
	}
	if body.Number != "" {
		if find.Number, err = cloud.TypedNumber(body.Number); err != nil {
			return find, err
		}
	}
	if body.Phone == "" {
		return find, nil
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return find, err
	}
	resident, err := a.o.Callers.ByPhone(c.Request().Context(), who.Name, body.Phone)
	find.Person = resident.ID
	switch protocol.CodeOf(err) {
	case "":
		// The cause may quote what was sent, which no log may hold.
		return find, protocol.Errorf(httpx.CodeInternal, "find a caller")
	case protocol.CodeOK:
		return find, nil
	}
	return find, err
}

// story tells everything that is known of a visit.
func (a *API) story(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	s, err := a.o.Support.Story(c.Request().Context(), id)
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	told := storyAnswer{
		Visit: describeVisit(c, s.Visit.Visit, lang), Resident: s.Masked, Payment: s.Visit.Payment, Owed: s.Owed, Left: s.Left,
		Events: []storyEvent{}, Payments: []storyOperation{}, Disputes: []disputeAnswer{}, Actions: []storyAction{},
		Incidents: []storyIncident{}, Messages: []storyOutMessage{},
	}
	if o := s.Order; o != nil {
		told.Bill = &storyBill{At: o.At.UTC(), Lines: describeLines(o.Lines, lang), Total: o.Total, Why: o.Why}
	}
	if d := s.Decision; d != nil {
		told.Decision = &storyDecision{At: d.At.UTC(), By: d.By, Waived: d.Waived, Lines: describeLines(d.Lines, lang), Total: d.Total, Note: d.Note}
	}
	for _, d := range s.Disputes {
		told.Disputes = append(told.Disputes, describeDispute(c, d))
	}
	told.happened(s)
	return answer(c, http.StatusOK, told)
}

// happened fills what there may be many of.
func (t *storyAnswer) happened(s cloud.VisitStory) {
	for _, e := range s.Events {
		t.Events = append(t.Events, storyEvent{Type: e.Type, At: moment(e.At), Code: e.Code})
	}
	for _, op := range s.Ops {
		t.Payments = append(t.Payments, storyOperation{
			ID: op.ID, Kind: op.Kind, State: op.State, Amount: op.Amount, Provider: op.Provider, At: op.Created.UTC(), By: op.By, Note: op.Note,
		})
	}
	for _, act := range s.Actions {
		t.Actions = append(t.Actions, storyAction{At: act.At.UTC(), By: act.By, Kind: act.Kind, Amount: act.Amount, Why: act.Why})
	}
	for _, i := range s.Incidents {
		t.Incidents = append(t.Incidents, storyIncident{Kind: i.Kind, Subject: i.Subject, Detail: i.Detail, Count: i.Count, First: i.First.UTC()})
	}
	for _, m := range s.Messages {
		t.Messages = append(t.Messages, storyOutMessage{
			Kind: m.Kind, State: m.State, Why: m.Why, Amount: m.Amount, Queued: m.Created.UTC(), Ended: moment(m.Ended), Tries: m.Attempts,
		})
	}
}

// moment is a time that may not be known.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
