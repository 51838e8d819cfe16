package web

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const myDataPath = "/mydata"

// myDataView is what residents may do with what is kept of them.
type myDataView struct {
	Who     string // the masked phone
	Version string // that was agreed to; "": none
	Agreed  moment
	Support string
	Act     cloud.OwnAct // what a code was sent for; "": none was
	Demo    string       // the code, in the demo only
	Problem *told
	Open    []string // what keeps the reader from being forgotten, and what to do about it
	Purse   bool     // there is money to be used or paid out
}

// privacyRoutes are the notice, and what residents may do with what is kept of them.
func (p *Pages) privacyRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/privacy", Access: httpx.Anyone(), Handler: p.privacy},
		{Method: get, Path: "/mydata", Access: httpx.Anyone(), Handler: p.myData},
		{Method: post, Path: "/mydata/code", Access: httpx.Anyone(), Handler: p.sendMyDataCode},
		{Method: post, Path: "/mydata/session", Access: httpx.Anyone(), Handler: p.signInToMyData},
		{Method: post, Path: "/mydata/confirm", Access: httpx.Residents(), Handler: p.sendOwnCode},
		{Method: post, Path: "/mydata/export", Access: httpx.Residents(), Handler: p.exportMyData},
		{Method: post, Path: "/mydata/erase", Access: httpx.Residents(), Handler: p.eraseMyData},
	}
}

func (p *Pages) myData(c echo.Context) error {
	who, signedIn := resident(c)
	if !signedIn {
		return p.showMyDataSignIn(c, p.signInForMyData(c))
	}
	view, err := p.myDataView(c, who)
	if err != nil {
		return err
	}
	return p.showMyData(c, view)
}

func (p *Pages) myDataView(c echo.Context, who cloud.Principal) (*myDataView, error) {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return nil, fmt.Errorf("own data: %w", err)
	}
	consent, err := p.Privacy.Consent(ctx, who.ID)
	if err != nil {
		return nil, fmt.Errorf("own data: %w", err)
	}
	return &myDataView{
		Who: who.Name, Version: consent.Version, Agreed: moment{At: consent.At.In(zone(chain)), Day: true}, Support: chain.SupportPhone,
	}, nil
}

func (p *Pages) showMyData(c echo.Context, view *myDataView) error {
	v := p.view(c)
	s := screen{Template: "mydata", Face: "resident", Title: v.say("mydata.title"), Path: myDataPath, Status: http.StatusOK, Data: view}
	switch {
	case view.Problem != nil:
		s.Status, s.Say = http.StatusConflict, view.Problem.What
	case len(view.Open) > 0:
		s.Status, s.Say = http.StatusConflict, v.say("mydata.open")
	}
	return p.show(c, s)
}

// sendOwnCode asks for the phone once more, before anything leaves or goes.
func (p *Pages) sendOwnCode(c echo.Context) error {
	who, view, err := p.ownAct(c)
	if err != nil {
		return err
	}
	act := cloud.OwnAct(c.FormValue("act"))
	if act != cloud.OwnExport && act != cloud.OwnErase {
		return protocol.Errorf(protocol.CodeMalformed, "act: want export or erase")
	}
	if act == cloud.OwnErase {
		if err := p.seeOpen(c, who, view); err != nil || len(view.Open) > 0 {
			return p.orShow(c, view, err)
		}
	}
	demo, err := p.OwnPhones.SendOwn(c.Request().Context(), who.ID, act)
	if err != nil {
		view.Problem = p.tellSignIn(c, err)
		return p.showMyData(c, view)
	}
	view.Act = act
	if p.Demo {
		view.Demo = demo
	}
	return p.showMyData(c, view)
}

func (p *Pages) ownAct(c echo.Context) (cloud.Principal, *myDataView, error) {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return who, nil, err
	}
	view, err := p.myDataView(c, who)
	return who, view, err
}

func (p *Pages) orShow(c echo.Context, view *myDataView, err error) error {
	if err != nil {
		return err
	}
	return p.showMyData(c, view)
}

// confirmed uses the code of an act; where it is wrong the page says so and asks again.
func (p *Pages) confirmed(c echo.Context, who cloud.Principal, view *myDataView, act cloud.OwnAct) bool {
	err := p.OwnPhones.ConfirmOwn(c.Request().Context(), who.ID, act, strings.TrimSpace(c.FormValue("code")))
	if err != nil {
		view.Act, view.Problem = act, p.tellSignIn(c, err)
	}
	return err == nil
}

// seeOpen lists what is unsettled.
func (p *Pages) seeOpen(c echo.Context, who cloud.Principal, view *myDataView) error {
	u, err := p.OwnData.Unsettled(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	v := p.view(c)
	for _, open := range []struct {
		is  bool
		say string
	}{
		{u.Visit, v.say("mydata.open.visit")},
		{u.Case, v.say("mydata.open.case")},
		{u.Money, v.say("mydata.open.money")},
		{u.Owed > 0, v.say("mydata.open.owed", u.Owed)},
		{u.Purse > 0, v.say("mydata.open.purse", u.Purse)},
	} {
		if open.is {
			view.Open = append(view.Open, open.say)
		}
	}
	view.Purse = u.Owed > 0 || u.Purse > 0
	return nil
}

// eraseMyData forgets the reader, and says good-bye.
func (p *Pages) eraseMyData(c echo.Context) error {
	who, view, err := p.ownAct(c)
	if err != nil {
		return err
	}
	if !p.confirmed(c, who, view, cloud.OwnErase) {
		return p.showMyData(c, view)
	}
	err = p.OwnData.Erase(c.Request().Context(), who.ID)
	if protocol.CodeOf(err) == cloud.CodeStillOpen {
		return p.orShow(c, view, p.seeOpen(c, who, view))
	}
	if err != nil {
		return err
	}
	httpx.DropSession(c)
	c.Response().Header().Set("Clear-Site-Data", `"storage"`)
	return p.show(c, screen{Template: "mydata-gone", Face: "resident", Title: p.view(c).say("mydata.gone"), Path: "/", Status: http.StatusOK})
}

// exportMyData hands out all that is kept of the reader: for programs, and to be read.
func (p *Pages) exportMyData(c echo.Context) error {
	who, view, err := p.ownAct(c)
	if err != nil {
		return err
	}
	if !p.confirmed(c, who, view, cloud.OwnExport) {
		return p.showMyData(c, view)
	}
	ctx := c.Request().Context()
	data, err := p.OwnData.Export(ctx, who.ID)
	if err != nil {
		return err
	}
	if data.Phone, err = p.OwnPhones.OwnPhone(ctx, who.ID); err != nil {
		return err
	}
	packed, err := p.packMyData(c, data)
	if err != nil {
		return fmt.Errorf("pack own data: %w", err)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="my-data-`+p.Now().UTC().Format(time.DateOnly)+`.zip"`)
	return c.Blob(http.StatusOK, "application/zip", packed)
}

// myDataFile is the readable page, whose clocks are the chain's.
type myDataFile struct {
	Data cloud.PersonalData
	Made moment
	zone *time.Location
}

// Clock shows a moment of the data.
func (f myDataFile) Clock(at time.Time) moment { return moment{At: at.In(f.zone), Day: true} }

func (p *Pages) packMyData(c echo.Context, data cloud.PersonalData) ([]byte, error) {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return nil, err
	}
	var page, packed bytes.Buffer
	there := zone(chain)
	if err := p.view(c).set.ExecuteTemplate(&page, "mydata-file", myDataFile{Data: data, Made: moment{At: p.Now().In(there), Day: true}, zone: there}); err != nil {
		return nil, err
	}
	z := zip.NewWriter(&packed)
	add := func(name string, content []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.Now()})
		if err == nil {
			_, err = w.Write(content)
		}
		return err
	}
	if err := add("my-data.json", raw); err != nil {
		return nil, err
	}
	if err := add("my-data.html", page.Bytes()); err != nil {
		return nil, err
	}
	for _, visit := range data.Traces {
		trace, err := p.Tasks.Trace(ctx, visit)
		if protocol.CodeOf(err) == cloud.CodeNotFound { // Its period has just ended.
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := add("recordings/"+visit.String()+".jsonl.gz", trace); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil { // It writes the list of what is inside.
		return nil, err
	}
	return packed.Bytes(), nil
}

// signInForMyData begins a sign-in that ends at one's own data.
func (p *Pages) signInForMyData(c echo.Context) *signInView {
	v := p.view(c)
	return p.newSignIn(c, myDataPath, newKey(), v.say("purse.signin.phone"), v.say("purse.signin"))
}

func (p *Pages) showMyDataSignIn(c echo.Context, s *signInView) error {
	return p.show(c, screen{
		Template: "mydata-signin", Face: "resident", Title: p.view(c).say("mydata.title"), Say: s.say(p.view(c)),
		Path: s.Base, Status: http.StatusUnauthorized, Data: s,
	})
}

func (p *Pages) sendMyDataCode(c echo.Context) error {
	s := p.signInForMyData(c)
	p.requestCode(c, s)
	return p.showMyDataSignIn(c, s)
}

func (p *Pages) signInToMyData(c echo.Context) error {
	s := p.signInForMyData(c)
	if _, ok := p.tradeCode(c, s); !ok {
		return p.showMyDataSignIn(c, s)
	}
	return c.Redirect(http.StatusSeeOther, myDataPath)
}
