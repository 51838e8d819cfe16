package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// album keeps photos and policies, as a test makes them.
type album struct {
	photos []cloud.RoundPhoto
	kept   []cloud.KeepPhoto
	asked  cloud.PhotoQuery
	policy cloud.PolicyOf
	set    []cloud.RefillPolicy
}

func (a *album) Keep(_ context.Context, k cloud.KeepPhoto) (cloud.RoundPhoto, error) {
	if !bytes.HasPrefix(k.Picture, []byte("\xff\xd8")) {
		return cloud.RoundPhoto{}, protocol.Errorf(cloud.CodeNoPicture, "want a picture")
	}
	a.kept = append(a.kept, k)
	return cloud.RoundPhoto{Round: k.Round, Place: k.Place, By: k.By}, nil
}

func (a *album) Photos(_ context.Context, q cloud.PhotoQuery) ([]cloud.RoundPhoto, error) {
	a.asked = q
	return a.photos, nil
}

func (a *album) Picture(_ context.Context, sum string) ([]byte, error) {
	if sum != "ab12" {
		return nil, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return []byte("\xff\xd8picture"), nil
}

func (a *album) Policy(_ context.Context, store cloud.StoreID) (cloud.PolicyOf, error) {
	if store == "west" {
		return cloud.PolicyOf{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	if a.policy.Policy.Days == 0 {
		a.policy.Policy, a.policy.Chain = picking.Usual(), picking.Usual()
	}
	return a.policy, nil
}

func (a *album) SetPolicy(_ context.Context, p cloud.RefillPolicy) error {
	a.set = append(a.set, p)
	return nil
}

// somePhoto shows water of the first lane that was thrown away.
func somePhoto() cloud.RoundPhoto {
	return cloud.RoundPhoto{ID: id(240), Round: id(220), Store: "qj", Day: "2026-11-22", Place: lane("1001"), At: noon, By: "wang", Key: "p1", Sum: "ab12"}
}

func TestAPhotoOfWasteIsTakenAtTheDoorAndSeenByManagers(t *testing.T) {
	w := newWorld()
	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	line := &w.wagon.round.Lines[0]
	line.Removed, line.Reason = 2, ledger.Expired
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "wang"}
	at := "/walk/" + id(220).String()
	mustSee(t, v.get(at+"/at/qj-1"), http.StatusOK, `enctype="multipart/form-data"`, `capture="environment"`, `action="`+at+`/photos"`)

	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	var errs []error
	for name, value := range map[string]string{"key": "k1", "cabinet": "qj-1", "platform": "S1", "sku": "1001", "back": at + "/at/qj-1#l-S1-1001"} {
		errs = append(errs, m.WriteField(name, value))
	}
	file, err := m.CreateFormFile("photo", "p.jpg")
	_, err2 := io.WriteString(file, "\xff\xd8rest")
	if err := errors.Join(append(errs, err, err2, m.Close())...); err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, at+"/photos", &form)
	req.Header.Set("Content-Type", m.FormDataContentType())
	req.AddCookie(&http.Cookie{Name: "session", Value: v.session})
	rec := httptest.NewRecorder()
	v.handler.ServeHTTP(rec, req)
	if rec.Code != http.StatusSeeOther || len(w.album.kept) != 1 || w.album.kept[0].Place != lane("1001") || w.album.kept[0].By != wang.Name || w.album.kept[0].Key != "k1" {
		t.Fatalf("%d, kept %+v", rec.Code, w.album.kept)
	}

	picture := v.get("/photos/ab12")
	if mustSee(t, picture, http.StatusOK, "picture"); picture.Header().Get("Content-Type") != "image/jpeg" || !strings.Contains(picture.Header().Get("Cache-Control"), "private") {
		t.Errorf("headers %v", picture.Header())
	}
	mustSee(t, v.get("/photos/cd34"), http.StatusNotFound)

	v.session = "manager"
	mustSee(t, v.get("/rounds/"+id(220).String()), http.StatusOK, "2 taken out: expired", "no photo")
	w.album.photos = []cloud.RoundPhoto{somePhoto()}
	mustSee(t, v.get("/waste?store=qj"), http.StatusOK, `src="/photos/ab12"`, `loading="lazy"`)
	if q := w.album.asked; q.Store != "qj" || q.Limit == 0 || q.From == "" {
		t.Errorf("asked for %+v", q)
	}
	w.album.photos[0].Gone = true
	old := v.get("/waste?store=qj")
	mustSee(t, old, http.StatusOK, "The photo is kept no more", "wang")
	mustNotSee(t, old, `src="/photos/ab12"`, `href="/photos/ab12"`)
	v.session = "anna"
	mustSee(t, v.get("/photos/ab12"), http.StatusForbidden)
}
