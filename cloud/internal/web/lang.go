package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// languages are written in this order: Chinese first, English as if it were.
var languages = []httpx.Lang{httpx.Chinese, httpx.English}

//go:embed texts/*.json
var textFiles embed.FS

// texts is the one table of everything that a page says.
type texts map[string]cloud.Text

func readTexts() (texts, error) {
	all := texts{}
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		return nil, fmt.Errorf("list texts: %w", err)
	}
	for _, f := range files {
		raw, err := textFiles.ReadFile("texts/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name(), err)
		}
		var part texts
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name(), err)
		}
		for key, text := range part {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("text %q stands in the table twice", key)
			}
			all[key] = text
		}
	}
	return all, nil
}

// say fills a text of the table: {1} is the first argument. A missing key is an error, so that no page is ever
// rendered with a hole.
func (t texts) say(l httpx.Lang, key string, args ...any) (string, error) {
	text, known := t[key]
	if !known {
		return "", fmt.Errorf("text %q is not in the table", key)
	}
	s := l.Pick(text)
	for i, a := range args {
		if fen, is := a.(protocol.Fen); is {
			a = money(fen)
		}
		s = strings.ReplaceAll(s, "{"+strconv.Itoa(i+1)+"}", fmt.Sprint(a))
	}
	return s, nil
}

// count picks between key.one and key; {1} is the number.
func (t texts) count(l httpx.Lang, key string, n int, args ...any) (string, error) {
	if _, known := t[key+".one"]; known && n == 1 {
		key += ".one"
	}
	return t.say(l, key, append([]any{n}, args...)...)
}

// chooseLang takes the reader's own choice, else the browser's wish, else Chinese.
func chooseLang(c echo.Context) httpx.Lang {
	if cookie, err := c.Cookie(langCookie); err == nil && slices.Contains(languages, httpx.Lang(cookie.Value)) {
		return httpx.Lang(cookie.Value)
	}
	return httpx.AcceptLanguage(c.Request())
}

// other is the language that the switch offers.
func other(l httpx.Lang) httpx.Lang {
	if l == httpx.English {
		return httpx.Chinese
	}
	return httpx.English
}

// tag is what html's lang attribute wants.
func tag(l httpx.Lang) string {
	if l == httpx.English {
		return "en"
	}
	return "zh-CN"
}
