package httpx

import (
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// MaxFile is the largest file that a route takes in; such routes end with a word of their own.
const MaxFile = "32M"

// uploadPath ends the pattern of every route that takes a file in.
const uploadPath = "/import"

// limitBody refuses bodies that are too large for their route.
func limitBody() echo.MiddlewareFunc {
	uploads := func(c echo.Context) bool { return strings.HasSuffix(c.Path(), uploadPath) }
	small := middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: MaxBody, Skipper: uploads})
	large := middleware.BodyLimit(MaxFile)
	return func(next echo.HandlerFunc) echo.HandlerFunc { return large(small(next)) }
}
