package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// haltsListed is how many words about a cabinet are listed.
const haltsListed = 200

type haltBody struct {
	Kind   cloud.HaltKind   `json:"kind"`
	Reason cloud.HaltReason `json:"reason"`
	Text   cloud.Text       `json:"text"` // for residents; empty: the reason's own
	Until  *time.Time       `json:"until"`
	Note   string           `json:"note"`
}

// haltAnswer is a word as residents may read it.
type haltAnswer struct {
	Kind   cloud.HaltKind   `json:"kind"`
	Reason cloud.HaltReason `json:"reason"`
	Text   string           `json:"text"`
	Until  *time.Time       `json:"until,omitempty"`
}

type haltWordAnswer struct {
	ID     protocol.UUID    `json:"id"`
	Kind   cloud.HaltKind   `json:"kind"`
	Holds  bool             `json:"holds"` // false: it takes back the one before
	At     time.Time        `json:"at"`
	By     string           `json:"by"` // empty: its time was over
	Reason cloud.HaltReason `json:"reason"`
	Text   cloud.Text       `json:"text"`
	Until  *time.Time       `json:"until,omitempty"`
	Note   string           `json:"note,omitempty"`
}

type haltsAnswer struct {
	Halts []haltWordAnswer `json:"halts"`
}

func (a *API) haltRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/cabinets/:id/halts", Access: httpx.Staff(), Handler: a.halts},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/halts", Access: httpx.Halters(), Handler: a.halt},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/resume", Access: httpx.Halters(), Handler: a.resume},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/release", Access: httpx.Releasers(), Handler: a.release},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/restart", Access: httpx.Halters(), Handler: a.restart},
		{Method: http.MethodGet, Path: Base + "/visits/:id/replay", Access: httpx.Askers(), Handler: a.replay},
	}
}

func (a *API) halts(c echo.Context) error {
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	all, err := a.o.Halting.Story(c.Request().Context(), id, haltsListed)
	if err != nil {
		return err
	}
	list := haltsAnswer{Halts: make([]haltWordAnswer, 0, len(all))}
	for _, h := range all {
		list.Halts = append(list.Halts, describeHaltWord(h))
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) halt(c echo.Context) error {
	var body haltBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, p, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	ask := cloud.AskHalt{Cabinet: id, Kind: body.Kind, Reason: body.Reason, Text: body.Text, Note: body.Note, By: p}
	if body.Until != nil {
		ask.Until = *body.Until
	}
	h, err := a.o.Halting.Halt(c.Request().Context(), ask)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeHaltWord(h))
}

func (a *API) resume(c echo.Context) error  { return a.takeBack(c, protocol.CodeOffSale) }
func (a *API) release(c echo.Context) error { return a.takeBack(c, protocol.CodeLockedOut) }

func (a *API) takeBack(c echo.Context, kind cloud.HaltKind) error {
	id, p, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	if err := a.o.Halting.Resume(c.Request().Context(), id, kind, p); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// restart has the program of a cabinet started again; how far that is tells the task.
func (a *API) restart(c echo.Context) error {
	id, p, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	cab, err := a.o.Fleet.Cabinet(ctx, id)
	if err != nil {
		return err
	}
	ask, err := cab.Restart(p.Name)
	if err != nil {
		return err
	}
	t, err := a.o.Tasks.Ask(ctx, ask)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, Base+"/tasks/"+t.ID.String())
	return answer(c, http.StatusAccepted, a.describeTask(t))
}

func describeHalt(h *cloud.Halt, lang httpx.Lang) *haltAnswer {
	if h == nil {
		return nil
	}
	return &haltAnswer{Kind: h.Kind, Reason: h.Reason, Text: lang.Pick(h.Text), Until: known(h.Until)}
}

func describeHaltWord(h cloud.Halt) haltWordAnswer {
	return haltWordAnswer{h.ID, h.Kind, h.Holds, h.At.UTC(), h.By, h.Reason, h.Text, known(h.Until), h.Note}
}

type replayAnswer struct {
	Visit  protocol.VisitID    `json:"visit"`
	Basis  cloud.ReplayBasis   `json:"basis"`
	Lacks  string              `json:"lacks,omitempty"`
	Then   settle.Answer       `json:"then"`
	Now    settle.Answer       `json:"now"`
	Booked *billAnswer         `json:"booked"` // null: nobody has decided it
	Priced billAnswer          `json:"priced"`
	Apart  []cloud.ReplayApart `json:"differs_in"`
	Events []replayedEvent     `json:"events"`
}

type replayedEvent struct {
	Ref  string         `json:"ref"`
	Seq  uint64         `json:"seq"`
	At   *time.Time     `json:"at,omitempty"` // left out where the cabinet did not know the time
	Type wire.EventType `json:"type"`
	Body wire.Body      `json:"body"`
}

// replay runs a visit again by the rules of today; it changes nothing.
func (a *API) replay(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	r, err := a.o.Replays.Replay(c.Request().Context(), id)
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	d := replayAnswer{
		Visit: r.Visit.ID, Basis: r.Basis, Lacks: r.Lacks, Then: r.Then, Now: r.Now, Apart: append([]cloud.ReplayApart{}, r.Apart...), Events: []replayedEvent{},
		Priced: billAnswer{Lines: describeLines(r.Priced.Lines, lang), Total: r.Priced.Total, Known: r.Priced.Known},
	}
	if r.Booked.Known {
		d.Booked = &billAnswer{Lines: describeLines(r.Booked.Lines, lang), Total: r.Booked.Total, Known: true}
	}
	for _, e := range r.Events {
		d.Events = append(d.Events, replayedEvent{e.Ref, e.Seq, known(e.At), e.Type, e.Body})
	}
	return answer(c, http.StatusOK, d)
}
