package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// keeper keeps what residents agreed to, and forgets them.
type keeper struct {
	agreed    map[protocol.UUID]string
	unsettled cloud.Unsettled
	gone      []protocol.UUID
	retention cloud.Retention
}

func newKeeper() *keeper {
	now := cloud.NoticeOf(cloud.Retention{}).Version
	return &keeper{agreed: map[protocol.UUID]string{anna.ID: now, bert.ID: now}}
}

var notice = cloud.NoticeOf(cloud.Retention{}).Version

func (k *keeper) Notice(context.Context) (cloud.PrivacyNotice, error) {
	return cloud.NoticeOf(k.retention), nil
}

func (k *keeper) Agree(_ context.Context, resident protocol.UUID, version string) error {
	if version != cloud.NoticeOf(k.retention).Version {
		return protocol.Errorf(cloud.CodeConsentNeeded, "another version")
	}
	k.agreed[resident] = version
	return nil
}

func (k *keeper) Agreed(_ context.Context, resident protocol.UUID) error {
	if k.agreed[resident] != cloud.NoticeOf(k.retention).Version {
		return protocol.Errorf(cloud.CodeConsentNeeded, "not agreed")
	}
	return nil
}

func (k *keeper) Consent(_ context.Context, resident protocol.UUID) (cloud.Consent, error) {
	return cloud.Consent{Version: k.agreed[resident], At: noon.Add(-time.Hour)}, nil
}

func (k *keeper) SendOwn(context.Context, protocol.UUID, cloud.OwnAct) (string, error) {
	return demoCode, nil
}

func (k *keeper) ConfirmOwn(_ context.Context, _ protocol.UUID, _ cloud.OwnAct, code string) error {
	if code != demoCode {
		return protocol.Errorf(cloud.CodeBadCode, "not that code")
	}
	return nil
}

func (k *keeper) OwnPhone(context.Context, protocol.UUID) (string, error) { return testPhone, nil }

func (k *keeper) Export(_ context.Context, resident protocol.UUID) (cloud.PersonalData, error) {
	return cloud.PersonalData{ID: resident, Since: noon, Visits: []cloud.OwnVisit{{ID: id(1), Number: "1a2b3c4d", Began: noon, Total: 950}}}, nil
}

func (k *keeper) Unsettled(context.Context, protocol.UUID) (cloud.Unsettled, error) {
	return k.unsettled, nil
}

func (k *keeper) Erase(_ context.Context, resident protocol.UUID) error {
	if k.unsettled.Any() {
		return protocol.Errorf(cloud.CodeStillOpen, "%+v", k.unsettled)
	}
	k.gone = append(k.gone, resident)
	return nil
}

func TestNobodyIsSentACodeWithoutAgreeing(t *testing.T) {
	w := newWorld()
	w.keeper.agreed = map[protocol.UUID]string{}
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en"}
	page := v.post("/c/qj-1/open")
	mustSee(t, page, http.StatusOK, `name="consent"`, `href="/privacy"`)
	mustNotSee(t, page, " checked")
	mustNotSee(t, v.post("/c/qj-1/code", "phone", testPhone), demoCode)
	mustNotSee(t, v.post("/c/qj-1/code", "phone", testPhone, "consent", "0"), demoCode)
	mustSee(t, v.post("/c/qj-1/code", "phone", testPhone, "consent", notice), http.StatusOK, demoCode, `name="consent" value="`+notice+`"`)
	mustSee(t, v.post("/c/qj-1/session", "phone", testPhone, "code", demoCode, "consent", notice), http.StatusSeeOther)
	if w.keeper.agreed[anna.ID] != notice || len(w.begun) != 1 {
		t.Errorf("agreed to %q, %d doors asked for", w.keeper.agreed[anna.ID], len(w.begun))
	}
}

func TestANewVersionIsAskedAtTheNextDoorAndNowhereElse(t *testing.T) {
	w := newWorld()
	w.put(visitIn(cloud.StateCharged))
	w.keeper.retention.Message = 200
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "anna"}
	mustSee(t, v.post("/c/qj-1/open", "key", "k"), http.StatusOK, "privacy notice has changed", `name="consent"`)
	mustSee(t, v.post("/c/qj-1/open", "key", "k", "consent", notice), http.StatusOK, "privacy notice has changed")
	if len(w.begun) != 0 {
		t.Fatal("a door was asked for without consent")
	}
	mustSee(t, v.get("/v/"+id(1).String()), http.StatusOK, "Paid")
	mustSee(t, v.post("/mydata/export", "code", demoCode), http.StatusOK)
	mustSee(t, v.post("/c/qj-1/open", "key", "k", "consent", cloud.NoticeOf(w.keeper.retention).Version), http.StatusSeeOther)
	if len(w.begun) != 1 || w.begun[0].Key != "k" {
		t.Errorf("begun %+v", w.begun)
	}
}

func TestTheNoticeTellsThePeriodsThatTheServiceGoesBy(t *testing.T) {
	w := newWorld()
	w.keeper.retention = cloud.Retention{Message: 77, Trace: 8, Note: 91, Case: 181, Resident: 366}
	for lang, day := range map[string]string{"en": " days", "zh-CN": " 天"} {
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang}
		mustSee(t, v.get("/privacy"), http.StatusOK, "77"+day, "8"+day, "91"+day, "181"+day, "366"+day, "90"+day, supportPhone, cloud.NoticeOf(w.keeper.retention).Version)
	}
}

func TestResidentsTakeTheirDataAlong(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en"}
	mustSee(t, v.get("/mydata"), http.StatusUnauthorized, `action="/mydata/code"`)
	v.session = "anna"
	mustSee(t, v.get("/mydata"), http.StatusOK, anna.Name, notice)
	mustSee(t, v.post("/mydata/confirm", "act", "export"), http.StatusOK, demoCode, `action="/mydata/export"`)
	mustSee(t, v.post("/mydata/export", "code", "000000"), http.StatusConflict, "The code is wrong")
	rec := v.post("/mydata/export", "code", demoCode)
	mustSee(t, rec, http.StatusOK)
	z, err := zip.NewReader(bytes.NewReader(rec.Body.Bytes()), int64(rec.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(raw)
	}
	var data cloud.PersonalData
	if err := json.Unmarshal([]byte(files["my-data.json"]), &data); err != nil || data.ID != anna.ID || data.Phone != testPhone || len(data.Visits) != 1 {
		t.Errorf("my-data.json: %v, %+v", err, data)
	}
	if page := files["my-data.html"]; !strings.Contains(page, testPhone[1:]) || !strings.Contains(page, "1a2b3c4d") || !strings.Contains(page, "¥9.50") {
		t.Errorf("my-data.html: %s", page)
	}
	v.session = "manager"
	mustSee(t, v.post("/mydata/export", "code", demoCode), http.StatusForbidden)
}

func TestResidentsAreForgottenOnceNothingIsOpen(t *testing.T) {
	w := newWorld()
	w.keeper.unsettled = cloud.Unsettled{Visit: true, Case: true, Owed: 950, Purse: 2000}
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "anna"}
	for _, step := range [][]string{{"/mydata/confirm", "act", "erase"}, {"/mydata/erase", "code", demoCode}} {
		rec := v.post(step[0], step[1:]...)
		mustSee(t, rec, http.StatusConflict, "cannot be deleted yet", "not settled", "not decided", "¥9.50", "¥20.00", `href="/purse"`)
		mustNotSee(t, rec, `name="code"`)
	}
	w.keeper.unsettled = cloud.Unsettled{}
	mustSee(t, v.post("/mydata/confirm", "act", "erase"), http.StatusOK, `action="/mydata/erase"`)
	mustSee(t, v.post("/mydata/erase", "code", "000000"), http.StatusConflict, "The code is wrong")
	if len(w.keeper.gone) != 0 {
		t.Fatal("gone without a code")
	}
	rec := v.post("/mydata/erase", "code", demoCode)
	mustSee(t, rec, http.StatusOK, "It is all deleted")
	if len(w.keeper.gone) != 1 || w.keeper.gone[0] != anna.ID || len(rec.Result().Cookies()) != 1 || rec.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("gone: %v, cookies %v", w.keeper.gone, rec.Result().Cookies())
	}
}

// TestANewNoticeHasANewEdition: who changes a word of the notice, or what is kept, counts the edition up and writes its sum here.
func TestANewNoticeHasANewEdition(t *testing.T) {
	sums := map[int]string{1: "1d272f472b2c9234"}
	raw, err := os.ReadFile("texts/privacy.json")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^  "privacy\..*$`).FindAllString(string(raw), -1)
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	if got := hex.EncodeToString(sum[:8]); got != sums[cloud.PrivacyEdition] {
		t.Errorf("the words of edition %d have the sum %s, and had %s", cloud.PrivacyEdition, got, sums[cloud.PrivacyEdition])
	}
}
