package web

import (
	"github.com/labstack/echo/v4"

	"allhours/cloud/internal/httpx"
)

// rights are what a reader may go on to from a page that is drawn for many; what they may not is told as words.
type rights struct {
	Respond, Plan, Account                 bool
	Queue                                  bool // of reviews, which is the whole chain's
	Halt, Release, Open, Ask, Move, Attest bool // at a cabinet
}

func rightsOf(c echo.Context) rights {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return rights{}
	}
	return rights{
		Respond: httpx.Responders().Allows(who), Plan: httpx.Planners().Allows(who), Account: httpx.Accountants().Allows(who), Queue: who.Bound == "",
		Halt: httpx.Halters().Allows(who), Release: httpx.Releasers().Allows(who), Open: httpx.Technicians().Allows(who),
		Ask: httpx.Askers().Allows(who), Move: httpx.Movers().Allows(who), Attest: httpx.Attesters().Allows(who),
	}
}

// key tells rights from others.
func (r rights) key() string {
	key := ""
	for _, has := range []bool{r.Respond, r.Plan, r.Account, r.Queue, r.Halt, r.Release, r.Open, r.Ask, r.Move, r.Attest} {
		if has {
			key += "1"
		} else {
			key += "0"
		}
	}
	return key
}
