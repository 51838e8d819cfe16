package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed static
var staticFiles embed.FS

// workerFile answers for the restocker's pages without network; it is served under an address that never changes.
//
//go:embed worker.js
var workerFile []byte

// assets are the static files under names that carry their hash, so that a browser may keep them for ever.
type assets struct {
	byURL map[string][]byte
	urls  map[string]string // app.css -> /static/app.0123456789ab.css

	worker []byte
}

func mustAssets() *assets {
	a := &assets{byURL: map[string][]byte{}, urls: map[string]string{}, worker: workerFile}
	files, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(fmt.Sprintf("web: list static files: %v", err))
	}
	for _, f := range files {
		raw, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			panic(fmt.Sprintf("web: read static file: %v", err))
		}
		ext := path.Ext(f.Name())
		hashed := strings.TrimSuffix(f.Name(), ext) + "." + sumOf(raw) + ext
		a.byURL[hashed], a.urls[f.Name()] = raw, "/static/"+hashed
	}
	return a
}

// sumOf is enough of a file's hash to tell it from others.
func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:6])
}

// url gives the address of a static file.
func (a *assets) url(name string) (string, error) {
	u, known := a.urls[name]
	if !known {
		return "", fmt.Errorf("static file %q does not exist", name)
	}
	return u, nil
}

func (a *assets) serve(c echo.Context) error {
	raw, known := a.byURL[c.Param("file")]
	if !known {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, mime.TypeByExtension(path.Ext(c.Param("file"))), raw)
}

// favicon answers browsers that ask without having read the page's link.
func (a *assets) favicon(c echo.Context) error {
	return c.Redirect(http.StatusFound, a.urls["icon.svg"])
}
