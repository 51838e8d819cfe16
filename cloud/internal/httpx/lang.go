package httpx

import (
	"net/http"
	"strconv"
	"strings"

	"allhours/cloud"
)

// Lang is a language of the pages.
type Lang string

// The languages; Chinese is the default.
const (
	Chinese Lang = "zh"
	English Lang = "en"
)

// Pick chooses the text of a language.
func (l Lang) Pick(t cloud.Text) string {
	if l == English && t.En != "" {
		return t.En
	}
	return t.Zh
}

// AcceptLanguage reads the header of that name: English only where it is wanted more than Chinese.
func AcceptLanguage(r *http.Request) Lang {
	best, lang := 0.0, Chinese
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if q := quality(params); q > best && (primary == "zh" || primary == "en") {
			best, lang = q, Lang(primary)
		}
	}
	return lang
}

func quality(params string) float64 {
	value, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
