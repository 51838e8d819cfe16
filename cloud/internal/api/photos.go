package api

import (
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

type photoAnswer struct {
	ID    protocol.UUID `json:"id"`
	Round protocol.UUID `json:"round"`
	Day   ledger.Day    `json:"day"`
	picking.Place
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Sum  string    `json:"sum"`            // what the picture is asked for by
	Gone bool      `json:"gone,omitempty"` // it is kept no more
}

// photosListed is how many photos are listed at most.
const photosListed = 300

func describePhotos(all []cloud.RoundPhoto) []photoAnswer {
	list := make([]photoAnswer, 0, len(all))
	for _, p := range all {
		list = append(list, photoAnswer{p.ID, p.Round, p.Day, p.Place, p.At, p.By, p.Sum, p.Gone})
	}
	return list
}

// keepPhoto takes in a picture of what is thrown away at a stop.
func (a *API) keepPhoto(c echo.Context) error {
	id, p, err := roundAndWho(c)
	if err != nil {
		return err
	}
	key, err := stepKey(c)
	if err != nil {
		return err
	}
	picture, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err // It says by itself that it is too large.
	}
	kept, err := a.o.Photos.Keep(c.Request().Context(), cloud.KeepPhoto{
		Person: p.ID, By: p.Name, Round: id, Key: key, Picture: picture,
		Place: picking.Place{Cabinet: protocol.CabinetID(c.QueryParam("cabinet")), Platform: protocol.PlatformID(c.QueryParam("platform")), SKU: protocol.SKU(c.QueryParam("sku"))},
	})
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, describePhotos([]cloud.RoundPhoto{kept})[0])
}

// photos lists those of a round, or of some days.
func (a *API) photos(c echo.Context) error {
	q := cloud.PhotoQuery{
		Store: cloud.StoreID(c.QueryParam("store")), From: ledger.Day(c.QueryParam("from")), To: ledger.Day(c.QueryParam("to")),
		Cabinet: protocol.CabinetID(c.QueryParam("cabinet")), SKU: protocol.SKU(c.QueryParam("sku")), Limit: photosListed,
	}
	if q.From != "" && !q.From.Valid() || q.To != "" && !q.To.Valid() {
		return protocol.Errorf(protocol.CodeMalformed, "from and to: want days as 2006-01-02")
	}
	if round := c.QueryParam("round"); round != "" {
		id, err := protocol.ParseUUID(round)
		if err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "round: %v", err)
		}
		q.Round = id
	}
	all, err := a.o.Photos.Photos(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, map[string]any{"photos": describePhotos(all)})
}

// photo is a picture itself, which never changes.
func (a *API) photo(c echo.Context) error {
	picture, err := a.o.Photos.Picture(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "private, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, "image/jpeg", picture)
}
