package web_test

import (
	"bytes"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

// cheapPassword is "correct horse", hashed at next to no cost.
const cheapPassword = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI"

// serveStaff is the pages over real people, at an address that passkeys are good at.
func serveStaff(t *testing.T) (base string, service *people.Service) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "people.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewUnstartedServer(nil)
	base = strings.Replace("http://"+server.Listener.Addr().String(), "127.0.0.1", "localhost", 1)
	service, err = people.New(people.Options{Store: db.People(), Key: bytes.Repeat([]byte{7}, people.KeySize), Origin: base, Second: []protocol.Role{protocol.RoleManager}})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.People().AddStaff(t.Context(), people.Staff{ID: manager.ID, Name: "manager", Role: protocol.RoleManager, Password: cheapPassword}); err != nil {
		t.Fatal(err)
	}
	e := httpx.New(httpx.Options{People: service, Trail: service, Logger: quiet()})
	o := optionsOf(newWorld())
	o.People, o.Staff, o.StaffCare, o.Sessions, o.OwnSignIn, o.AppCodes, o.Passkeys, o.Trail = service, service, service, service, service, service, service, service
	web.New(o).Register(e)
	server.Config.Handler = e
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return base, service
}

func TestAPasskeyIsMadeAndSignsIn(t *testing.T) {
	base, service := serveStaff(t)
	b := newTab(t, browser(t), base)
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	key := webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}
	if _, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, key); err != nil {
		t.Fatal(err)
	}
	signIn := func() {
		b.do(chromedp.Navigate(base+"/staff/signin"), chromedp.SendKeys(chromedp.CSS("#name"), "manager"), chromedp.SendKeys(chromedp.CSS("#password"), "correct horse"), chromedp.Submit(chromedp.CSS("#password")))
		b.until(`location.pathname === "/staff/second" && !!document.querySelector("[data-passkey]:enabled")`)
	}
	signIn()
	b.do(chromedp.Click(chromedp.CSS(`[data-passkey=enrol]`)))
	b.until(`location.pathname === "/account"`)
	m, err := service.Member(t.Context(), manager.ID)
	if err != nil || m.Passkeys != 1 {
		t.Fatalf("the member has %+v, %v", m, err)
	}
	if _, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	signIn()
	b.do(chromedp.Click(chromedp.CSS(`[data-passkey=prove]`)))
	b.until(`location.pathname === "/tonight"`)
	deeds, err := service.Deeds(t.Context(), cloud.DeedQuery{})
	if err != nil || len(deeds) != 4 || deeds[0].Did != cloud.DidSignIn || deeds[2].Did != cloud.DidSecond {
		t.Errorf("told as %+v, %v", deeds, err)
	}
	b.quietConsole()
}
