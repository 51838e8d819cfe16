package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// photosShown is how many photos a page shows at most.
const photosShown = 12

// photoView is one picture of what was thrown away.
type photoView struct {
	Path  string // empty: the picture is kept no more
	Say   string // what is to be seen
	More  string // where, when and by whom
	Round string // the page of its round
}

func photoPath(p cloud.RoundPhoto) string {
	if p.Gone {
		return ""
	}
	return "/photos/" + p.Sum
}

func (p *Pages) photoRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: "/photos/:sum", Access: httpx.Staff(), Handler: p.photo},
		{Method: http.MethodPost, Path: "/walk/:round/photos", Access: httpx.Movers().Sending(httpx.MaxPhoto), Handler: p.walkPhoto},
	}
}

// photo is a picture itself, which never changes; nobody's browser keeps it for long after the chain does not.
func (p *Pages) photo(c echo.Context) error {
	picture, err := p.Photos.Picture(c.Request().Context(), c.Param("sum"))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "private, max-age=86400, immutable")
	return c.Blob(http.StatusOK, "image/jpeg", picture)
}

// walkPhoto takes the photo that a form sends, for browsers without script; with script it is made small and kept on the phone first.
func (p *Pages) walkPhoto(c echo.Context) error {
	id, err := roundOf(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	head, err := c.FormFile("photo")
	if err != nil {
		return protocol.Errorf(cloud.CodeNoPicture, "photo: want a file: %v", err)
	}
	file, err := head.Open()
	if err != nil {
		return fmt.Errorf("photo: %w", err)
	}
	defer file.Close()
	picture, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("photo: %w", err)
	}
	if _, err := p.Photos.Keep(c.Request().Context(), cloud.KeepPhoto{
		Person: who.ID, By: who.Name, Round: id, Key: keyOf(c), Picture: picture,
		Place: picking.Place{Cabinet: protocol.CabinetID(c.FormValue("cabinet")), Platform: protocol.PlatformID(c.FormValue("platform")), SKU: protocol.SKU(c.FormValue("sku"))},
	}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("back"), roundPath(id)))
}

// photoLink leads to a picture from a row of a table; nowhere where the picture is kept no more.
type photoLink struct{ Path, Say string }

// photoLinks are those to the photos that belong to a row, the first that was taken first.
func (v *view) photoLinks(all []cloud.RoundPhoto, belongs func(cloud.RoundPhoto) bool) (links []photoLink) {
	for i := len(all) - 1; i >= 0; i-- {
		if belongs(all[i]) {
			link := photoLink{photoPath(all[i]), v.say("photo.nth", len(links)+1)}
			if link.Path == "" {
				link.Say = v.say("photo.gone.nth", len(links)+1)
			}
			links = append(links, link)
		}
	}
	return links
}

// photosOf are the photos that are asked for, as a page shows them.
func (p *Pages) photosOf(c echo.Context, q cloud.PhotoQuery) ([]photoView, error) {
	all, err := p.Photos.Photos(c.Request().Context(), q)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	names, loc, err := p.articleNames(c)
	if err != nil {
		return nil, err
	}
	return p.view(c).photoViews(all, names, loc), nil
}

// photoViews tells of photos what they show, where and by whom they were taken.
func (v *view) photoViews(all []cloud.RoundPhoto, names map[protocol.SKU]string, loc *time.Location) (views []photoView) {
	for _, p := range all {
		views = append(views, photoView{
			Path: photoPath(p), Round: "/rounds/" + p.Round.String(), Say: cmp.Or(names[p.SKU], string(p.SKU)) + " · " + string(p.Platform),
			More: string(p.Cabinet) + " · " + v.clock(moment{At: p.At.In(loc), Day: true}) + " · " + p.By,
		})
	}
	return views
}
