package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// album keeps one photo.
type album struct{ kept []cloud.KeepPhoto }

func (a *album) Keep(_ context.Context, k cloud.KeepPhoto) (cloud.RoundPhoto, error) {
	if !bytes.HasPrefix(k.Picture, []byte("\xff\xd8")) {
		return cloud.RoundPhoto{}, protocol.Errorf(cloud.CodeNoPicture, "none")
	}
	a.kept = append(a.kept, k)
	return cloud.RoundPhoto{Round: k.Round, Place: k.Place, By: k.By, Sum: "ab12", Day: "2026-11-21"}, nil
}

func (a *album) Photos(_ context.Context, q cloud.PhotoQuery) ([]cloud.RoundPhoto, error) {
	return []cloud.RoundPhoto{{Round: q.Round, Place: picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}, Sum: "ab12", Day: "2026-11-21", By: "wang"}}, nil
}

func (a *album) Picture(_ context.Context, sum string) ([]byte, error) {
	if sum != "ab12" {
		return nil, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return []byte("\xff\xd8picture"), nil
}

func TestAPhotoIsSentAsItIsAndReadAsAPicture(t *testing.T) {
	r := newRig(t)
	manager, path := r.manager(), "/api/v1/rounds/"+someWalk().ID.String()+"/photos?cabinet=xs-01&platform=S1&sku=1001"
	var kept photoAnswer
	manager.want(http.StatusCreated, "POST", path, "\xff\xd8rest", &kept, "Idempotency-Key", "p1")
	if kept.Place != (picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}) || kept.Sum != "ab12" {
		t.Errorf("kept %+v", kept)
	}
	manager.refused(http.StatusUnprocessableEntity, cloud.CodeNoPicture, "POST", path, "no picture", "Idempotency-Key", "p1")
	manager.refused(http.StatusRequestEntityTooLarge, httpx.CodeTooLarge, "POST", path, "\xff\xd8"+strings.Repeat("x", 13<<20), "Idempotency-Key", "p1")
	manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", path, "\xff\xd8rest")
	manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "GET", "/api/v1/photos?from=x", "")
	picture := manager.send("GET", "/api/v1/photos/ab12", "")
	raw, err := io.ReadAll(picture.Body)
	if err != nil || picture.Header.Get("Content-Type") != "image/jpeg" || string(raw) != "\xff\xd8picture" {
		t.Errorf("%s of %d bytes, %v", picture.Header.Get("Content-Type"), len(raw), err)
	}
	manager.refused(http.StatusNotFound, cloud.CodeNotFound, "GET", "/api/v1/photos/cd34", "")
}
