package httpx

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
)

// MaxBody is the largest request body of a route that does not say otherwise; nothing that is sent there comes near it.
const MaxBody = "64K"

// MaxPhoto is the largest picture that a route takes in: what a phone takes, before it is made small.
const MaxPhoto = "12M"

// MaxFile is the largest file of another program that a route takes in.
const MaxFile = "32M"

// Options are what New needs.
type Options struct {
	People cloud.People
	Trail  cloud.Trail  // nil: what the staff does is not kept
	Places cloud.Places // nil: who is limited to stores reaches nothing that lies in one
	Logger *slog.Logger
	// Secure marks cookies as such; false only where the listener is plain HTTP on loopback.
	Secure bool
	// Observe is told of each answered request, with the route's pattern, never the path itself; nil: nobody is.
	Observe func(method, route string, status int, took time.Duration)
	Now     func() time.Time // nil: time.Now
}

// New makes an echo that has every defence in place and no route; routes are added with Mount.
func New(o Options) *echo.Echo {
	if o.Now == nil {
		o.Now = time.Now
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{})
	// Nobody stands in front of this server that could be believed about the address of a client.
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = func(err error, c echo.Context) { writeError(c, err) }
	e.Pre(identify, access(o), securityHeaders)
	e.Use(recovered, withSessions(o), sameOrigin())
	return e
}

// PageErrors lets pages answer errors outside of the API in their own way; render gets what an API client would get.
func PageErrors(e *echo.Echo, render func(c echo.Context, p Problem) error) {
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if c.Response().Committed || IsAPI(c.Request()) {
			writeError(c, err)
			return
		}
		p := ProblemOf(err, AcceptLanguage(c.Request()))
		p.Instance = RequestID(c)
		if render(c, p) != nil {
			writeError(c, err)
		}
	}
}

// IsAPI tells requests of programs from those of people.
func IsAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/healthz" || r.URL.Path == "/metrics"
}

func writeError(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	p := ProblemOf(err, AcceptLanguage(c.Request()))
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(p.Status) // The client has gone if this fails; the access log has the status.
		return
	}
	_ = WriteProblem(c, p)
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
