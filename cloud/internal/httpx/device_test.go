package httpx

import (
	"net/http"
	"testing"
)

func TestADeviceIsNamedInFewWords(t *testing.T) {
	for told, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0":                            "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1":                  "Safari, iPhone",
		"Mozilla/5.0 (Linux; Android 14; V2312A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50(0x28)": "WeChat, Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0":                                                                                   "Firefox, Linux",
		"curl/8.5.0":             "curl",
		"<script>alert</script>": "",
		"":                       "",
	} {
		r := &http.Request{Header: http.Header{"User-Agent": {told}}}
		if got := Device(r); got != want {
			t.Errorf("%q is %q, want %q", told, got, want)
		}
	}
}
