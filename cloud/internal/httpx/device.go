package httpx

import (
	"net/http"
	"strings"
)

// Device names the browser and the system of a request in words of our own, of which there are few; empty where it is neither.
// Which version it is, and all else that a browser tells of its owner, is left out.
func Device(r *http.Request) string {
	told := r.UserAgent()
	browser := firstOf(told, [][2]string{
		{"MicroMessenger/", "WeChat"},
		{"AlipayClient/", "Alipay"},
		{"Edg", "Edge"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"CriOS/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	})
	system := firstOf(told, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Macintosh", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	if browser == "" || system == "" {
		return browser + system
	}
	return browser + ", " + system
}

// firstOf is the name of the first mark that a text has.
func firstOf(text string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(text, m[0]) {
			return m[1]
		}
	}
	return ""
}
