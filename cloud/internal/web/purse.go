package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const pursePath = "/purse"

// topUpYuan are the amounts that a resident is offered.
var topUpYuan = []int{20, 50, 100, 200}

// purseWords are the texts of the kinds of operations that a purse lists.
var purseWords = map[cloud.OpKind]string{cloud.OpPay: "purse.pay.line", cloud.OpTopUp: "purse.topup", cloud.OpWaive: "purse.waive", cloud.OpPayout: "purse.payout"}

// purseView is what somebody paid ahead and owes, for themselves or for the staff.
type purseView struct {
	Purse   cloud.Purse
	Debts   []purseDebt
	Latest  []purseLine
	Yuan    []int
	PayKey  string // make a second press of the same button the same request
	FillKey string
	Payout  *payoutView // nil: there is nothing to give back
	Problem *told
	Support string
	Demo    bool
	Waits   bool         // something is being confirmed
	ToPay   protocol.Fen // owed, and not being charged already

	Person protocol.UUID // staff: whose it is
	Who    string        // staff: as they are called here
	Till   bool          // staff: takes cash
}

type purseDebt struct {
	Visit  protocol.VisitID
	Amount protocol.Fen
	Since  moment
	Paying bool
}

type purseLine struct {
	What   string
	Amount protocol.Fen
	At     moment
	State  string
	Tone   string
	Visit  protocol.VisitID
	Note   string // staff
}

func (p *Pages) purse(c echo.Context) error {
	who, signedIn := resident(c)
	if !signedIn {
		return p.showPurseSignIn(c, p.signInForPurse(c))
	}
	return p.showPurse(c, who, nil, "")
}

// showPurse shows the reader's own; the cause is why what they asked for was not done, and way begins the texts of that.
func (p *Pages) showPurse(c echo.Context, who cloud.Principal, cause error, way string) error {
	purse, err := p.Money.Purse(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	view, err := p.purseView(c, purse)
	if err != nil {
		return err
	}
	for i := range view.Latest { // What the staff noted is theirs.
		view.Latest[i].Note = ""
	}
	v := p.view(c)
	s := screen{Template: "purse", Face: "resident", Title: v.say("purse.title"), Path: pursePath, Status: http.StatusOK, Data: &view}
	if cause != nil {
		view.Problem = v.tellPurse(cause, way)
		s.Status, s.Say = http.StatusConflict, view.Problem.What
		if kind, known := httpx.KindOf(protocol.CodeOf(cause)); known {
			s.Status = kind.Status
		}
	}
	if view.Waits {
		s.Poll, s.Refresh = true, 5
	}
	return p.show(c, s)
}

// tellPurse says why money did not move. What is unknown is not said to have failed.
func (v *view) tellPurse(cause error, way string) *told {
	prefix := way + ".failed"
	switch protocol.CodeOf(cause) {
	case cloud.CodePaymentRefused:
		prefix = way + ".refused"
	case cloud.CodePaymentUnknown:
		prefix = way + ".unknown"
	case cloud.CodeConflict:
		prefix = way + ".conflict"
	}
	return &told{What: v.say(prefix + ".what"), Money: v.say(prefix + ".money"), Now: v.say(prefix + ".now")}
}

func (p *Pages) purseView(c echo.Context, purse cloud.Purse) (purseView, error) {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return purseView{}, fmt.Errorf("purse: %w", err)
	}
	v, loc := p.view(c), zone(chain)
	view := purseView{
		Purse: purse, Yuan: topUpYuan, PayKey: newKey(), FillKey: newKey(), Support: chain.SupportPhone, Demo: p.Demo, Payout: newPayout(purse), Waits: len(purse.UnderWay) > 0,
	}
	for _, d := range purse.Debts {
		if !purse.Paying(d.Visit) {
			view.ToPay += d.Amount
		}
		view.Debts = append(view.Debts, purseDebt{Visit: d.Visit, Amount: d.Amount, Since: moment{At: d.Since.In(loc), Day: true}, Paying: purse.Paying(d.Visit)})
	}
	for _, op := range purse.Latest {
		line := purseLine{What: v.say(purseWords[op.Kind]), Amount: op.Amount, At: moment{At: op.Created.In(loc), Day: true}, Visit: op.Visit}
		if op.Kind == cloud.OpTopUp && op.Provider == cloud.ProviderCash {
			line.What = v.say("purse.cash")
		}
		if op.Kind == cloud.OpPayout && op.Provider == cloud.ProviderCash {
			line.What = v.say("purse.handout")
		}
		switch {
		case !op.State.Final():
			line.State, line.Tone = v.say("purse.waits"), "sky"
		case op.State != cloud.OpDone:
			line.State, line.Tone = v.say("purse.no"), "clay"
			if op.Kind == cloud.OpPayout {
				line.State = v.say("purse.back.no")
			}
		}
		if op.By != "" {
			line.Note = op.By + ": " + op.Note
		}
		view.Latest = append(view.Latest, line)
	}
	return view, nil
}

// payDebts charges all that the reader owes.
func (p *Pages) payDebts(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if _, err := p.Money.PayDebts(c.Request().Context(), cloud.PayDebts{Person: who.ID, Key: keyOf(c)}); err != nil {
		return p.showPurse(c, who, err, "purse.told")
	}
	return c.Redirect(http.StatusSeeOther, pursePath)
}

// fillPurse tops the reader's balance up.
func (p *Pages) fillPurse(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	amount, err := yuanOf(c)
	if err == nil {
		_, err = p.Money.TopUp(c.Request().Context(), cloud.TopUp{Person: who.ID, Amount: amount, Key: keyOf(c)})
	}
	if err != nil {
		return p.showPurse(c, who, err, "purse.told")
	}
	return c.Redirect(http.StatusSeeOther, pursePath)
}

func yuanOf(c echo.Context) (protocol.Fen, error) {
	yuan, err := strconv.Atoi(c.FormValue("yuan"))
	if err != nil || yuan < 1 || yuan > 500 {
		return 0, protocol.Errorf(protocol.CodeMalformed, "yuan: want 1 to 500")
	}
	return protocol.Fen(yuan) * 100, nil
}

// signInForPurse begins a sign-in that ends at the purse.
func (p *Pages) signInForPurse(c echo.Context) *signInView {
	v := p.view(c)
	return p.newSignIn(c, pursePath, newKey(), v.say("purse.signin.phone"), v.say("purse.signin"))
}

func (p *Pages) showPurseSignIn(c echo.Context, s *signInView) error {
	return p.show(c, screen{
		Template: "purse-signin", Face: "resident", Title: p.view(c).say("purse.title"), Say: s.say(p.view(c)),
		Path: s.Base, Status: http.StatusUnauthorized, Data: s,
	})
}

func (p *Pages) sendPurseCode(c echo.Context) error {
	s := p.signInForPurse(c)
	p.requestCode(c, s)
	return p.showPurseSignIn(c, s)
}

func (p *Pages) signInToPurse(c echo.Context) error {
	s := p.signInForPurse(c)
	if _, ok := p.tradeCode(c, s); !ok {
		return p.showPurseSignIn(c, s)
	}
	return c.Redirect(http.StatusSeeOther, pursePath)
}

// purseOf shows the staff what a resident paid ahead and owes.
func (p *Pages) purseOf(c echo.Context) error {
	person, err := personOf(c)
	if err != nil {
		return err
	}
	purse, err := p.Money.Purse(c.Request().Context(), person)
	if err != nil {
		return err
	}
	view, err := p.purseView(c, purse)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	view.Person, view.Who, view.Till = person, person.String()[28:], slices.Contains(httpx.Tills().Roles, who.Role)
	return p.show(c, screen{
		Template: "purse-staff", Face: "staff", Title: p.view(c).say("purse.of", view.Who), Path: pursesPath(person), Status: http.StatusOK, Data: view,
	})
}

// takeCash fills a resident's balance with what was paid at the till.
func (p *Pages) takeCash(c echo.Context) error {
	person, err := personOf(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	amount, err := yuanOf(c)
	if err != nil {
		return err
	}
	t := cloud.TopUp{Person: person, Amount: amount, Key: keyOf(c), By: who.Name, Note: c.FormValue("note")}
	if _, err := p.Money.TopUp(c.Request().Context(), t); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, pursesPath(person))
}

// waiveDebt forgives what is owed of a visit.
func (p *Pages) waiveDebt(c echo.Context) error {
	person, err := personOf(c)
	if err != nil {
		return err
	}
	visit, err := protocol.ParseUUID(c.FormValue("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := p.Money.Waive(c.Request().Context(), cloud.WaiveDebt{Visit: visit, By: who.Name, Role: who.Role, Note: c.FormValue("note")}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, pursesPath(person))
}

func personOf(c echo.Context) (protocol.UUID, error) {
	person, err := protocol.ParseUUID(c.Param("person"))
	if err != nil {
		return person, protocol.Errorf(cloud.CodeNotFound, "nobody has such an id")
	}
	return person, nil
}

func pursesPath(person protocol.UUID) string { return "/purses/" + person.String() }

// purseRoutes are what residents paid ahead and owe.
func (p *Pages) purseRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/purse", Access: httpx.Anyone(), Handler: p.purse},
		{Method: post, Path: "/purse/code", Access: httpx.Anyone(), Handler: p.sendPurseCode},
		{Method: post, Path: "/purse/session", Access: httpx.Anyone(), Handler: p.signInToPurse},
		{Method: post, Path: "/purse/pay", Access: httpx.Residents(), Handler: p.payDebts},
		{Method: post, Path: "/purse/topup", Access: httpx.Residents(), Handler: p.fillPurse},
		{Method: post, Path: "/purse/payout", Access: httpx.Residents(), Handler: p.emptyPurse},
		{Method: get, Path: "/purses/:person", Access: httpx.Deciders(), Handler: p.purseOf},
		{Method: post, Path: "/purses/:person/topup", Access: httpx.Tills(), Handler: p.takeCash},
		{Method: post, Path: "/purses/:person/payout", Access: httpx.Deciders(), Handler: p.sendBack},
		{Method: post, Path: "/purses/:person/handout", Access: httpx.Tills(), Handler: p.handOut},
		{Method: post, Path: "/purses/:person/waive", Access: httpx.Deciders(), Handler: p.waiveDebt},
	}
}
