package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// disputesShown bounds a list of objections.
const disputesShown = 100

type disputeLine struct {
	SKU protocol.SKU    `json:"sku"`
	Qty int             `json:"qty"`
	Why cloud.Complaint `json:"why"`
}

type objectBody struct {
	Lines []disputeLine `json:"lines"`
	Words string        `json:"words"`
}

type rulingLine struct {
	SKU      protocol.SKU        `json:"sku"`
	Qty      int                 `json:"qty"`        // units that goods is about
	Amount   protocol.Fen        `json:"amount_fen"` // no longer to be paid
	Goods    cloud.Fate          `json:"goods"`
	Platform protocol.PlatformID `json:"platform,omitempty"`
}

// ruleBody without lines refuses.
type ruleBody struct {
	Lines  []rulingLine `json:"lines"`
	Reason string       `json:"reason"`
}

type retryBody struct {
	Reason string `json:"reason"`
}

type noteBody struct {
	Text string `json:"text"`
}

type disputeAnswer struct {
	ID      protocol.UUID    `json:"id"`
	Visit   protocol.VisitID `json:"visit"`
	At      time.Time        `json:"at"`
	By      string           `json:"by,omitempty"` // of the staff; empty: the resident
	Lines   []disputeLine    `json:"lines"`
	Words   string           `json:"words"`
	Ruling  *rulingAnswer    `json:"ruling,omitempty"`
	Refunds []refundAnswer   `json:"refunds,omitempty"`
}

type rulingAnswer struct {
	By     string       `json:"by,omitempty"` // for staff
	At     time.Time    `json:"at"`
	Lines  []rulingLine `json:"lines"`
	Refund protocol.Fen `json:"refund_fen"`
	Waived protocol.Fen `json:"waived_fen"`
	Reason string       `json:"reason"`
}

type refundAnswer struct {
	Op     protocol.UUID `json:"op"`
	Amount protocol.Fen  `json:"amount_fen"`
	State  cloud.OpState `json:"state"`
}

type disputesAnswer struct {
	Disputes []disputeAnswer `json:"disputes"`
}

// object takes a resident's word against a bill of their own.
func (a *API) object(c echo.Context) error {
	var body objectBody
	if err := read(c, &body); err != nil {
		return err
	}
	v, err := a.readable(c)
	if err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	o := cloud.Objection{Visit: v.ID, Person: p.ID, Key: anyKey(c), Words: strings.TrimSpace(body.Words)}
	for _, l := range body.Lines {
		o.Lines = append(o.Lines, cloud.DisputeLine(l))
	}
	d, err := a.o.Disputes.Object(c.Request().Context(), o)
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, describeDispute(c, d))
}

// anyKey is the key of a request that may come without one.
func anyKey(c echo.Context) string { return strings.Clone(c.Request().Header.Get("Idempotency-Key")) }

// visitDisputes lists the objections to a visit for whoever may read it.
func (a *API) visitDisputes(c echo.Context) error {
	v, err := a.readable(c)
	if err != nil {
		return err
	}
	o, err := a.o.Disputes.Objecting(c.Request().Context(), v.ID)
	if err != nil {
		return err
	}
	list := disputesAnswer{Disputes: []disputeAnswer{}}
	for _, d := range o.Disputes {
		list.Disputes = append(list.Disputes, describeDispute(c, d))
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) disputes(c echo.Context) error {
	cases, err := a.o.Disputes.Cases(c.Request().Context(), storeOf(c), c.QueryParam("state") != "decided", disputesShown)
	if err != nil {
		return err
	}
	list := disputesAnswer{Disputes: []disputeAnswer{}}
	for _, d := range cases {
		list.Disputes = append(list.Disputes, describeDispute(c, d.Dispute))
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) dispute(c echo.Context) error {
	id, err := disputeID(c)
	if err != nil {
		return err
	}
	found, err := a.o.Disputes.Case(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeDispute(c, found.Dispute))
}

func disputeID(c echo.Context) (protocol.UUID, error) {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return id, protocol.Errorf(cloud.CodeNotFound, "no objection has such an id")
	}
	return id, nil
}

// rule answers an objection at the word of whoever is signed in.
func (a *API) rule(c echo.Context) error {
	id, err := disputeID(c)
	if err != nil {
		return err
	}
	var body ruleBody
	if err := read(c, &body); err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	d, err := a.o.Disputes.Rule(c.Request().Context(), cloud.RuleDispute{
		Dispute: id, By: p.Name, Role: p.Role, Lines: rulingLines(body.Lines), Reason: strings.TrimSpace(body.Reason),
	})
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeDispute(c, d))
}

func rulingLines(lines []rulingLine) []cloud.RulingLine {
	var said []cloud.RulingLine
	for _, l := range lines {
		said = append(said, cloud.RulingLine(l))
	}
	return said
}

// retryRefund asks the provider again for what it has refused.
func (a *API) retryRefund(c echo.Context) error {
	id, err := disputeID(c)
	if err != nil {
		return err
	}
	var body retryBody
	if err := read(c, &body); err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	d, err := a.o.Support.Retry(c.Request().Context(), id, p, strings.TrimSpace(body.Reason))
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeDispute(c, d))
}

// refund gives back what the role may; above its limit the answer is an objection without a ruling.
func (a *API) refund(c echo.Context) error {
	var body ruleBody
	if err := read(c, &body); err != nil {
		return err
	}
	v, err := a.readable(c)
	if err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	key, err := keyOf(c)
	if err != nil {
		return err
	}
	d, err := a.o.Support.Refund(c.Request().Context(), cloud.SupportRefund{
		Visit: v.ID, By: p.Name, Role: p.Role, Key: key, Lines: rulingLines(body.Lines), Reason: strings.TrimSpace(body.Reason),
	})
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if d.Ruling == nil {
		status = http.StatusAccepted
	}
	return answer(c, status, describeDispute(c, d))
}

// note writes a line beside a visit.
func (a *API) note(c echo.Context) error {
	var body noteBody
	if err := read(c, &body); err != nil {
		return err
	}
	v, err := a.readable(c)
	if err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := a.o.Support.Note(c.Request().Context(), v.ID, p, strings.TrimSpace(body.Text)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// describeDispute tells an objection to who asks; who of the staff decided is for the staff.
func describeDispute(c echo.Context, d cloud.Dispute) disputeAnswer {
	p, err := httpx.PrincipalOf(c)
	staff := err == nil && httpx.IsStaff(p)
	told := disputeAnswer{ID: d.ID, Visit: d.Visit, At: d.At.UTC(), Lines: []disputeLine{}, Words: d.Words}
	for _, l := range d.Lines {
		told.Lines = append(told.Lines, disputeLine(l))
	}
	if r := d.Ruling; r != nil {
		told.Ruling = &rulingAnswer{At: r.At.UTC(), Lines: []rulingLine{}, Refund: r.Refund, Waived: r.Waived, Reason: r.Reason}
		for _, l := range r.Lines {
			told.Ruling.Lines = append(told.Ruling.Lines, rulingLine(l))
		}
		if staff {
			told.Ruling.By = r.By
		}
	}
	for _, op := range d.Refunds {
		told.Refunds = append(told.Refunds, refundAnswer{Op: op.ID, Amount: op.Amount, State: op.State})
	}
	if staff {
		told.By = d.By
	} else if d.By != "" {
		told.Words = "" // What support noted is not for the resident.
	}
	return told
}
