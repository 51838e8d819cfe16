package web

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func readAll(t *testing.T) texts {
	t.Helper()
	all, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEachTextIsThereInBothLanguages(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\d\}`)
	for key, text := range readAll(t) {
		if strings.TrimSpace(text.Zh) == "" || strings.TrimSpace(text.En) == "" {
			t.Errorf("%s lacks a language: %+v", key, text)
		}
		zh, en := placeholder.FindAllString(text.Zh, -1), placeholder.FindAllString(text.En, -1)
		slices.Sort(zh)
		slices.Sort(en)
		if !slices.Equal(slices.Compact(zh), slices.Compact(en)) {
			t.Errorf("%s fills %v in Chinese and %v in English", key, zh, en)
		}
		if key != "lang.other" && strings.ContainsFunc(text.En, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s has Chinese in its English: %s", key, text.En)
		}
	}
}

// TestNoTextStandsTwice: a decoder would keep the later one and say nothing.
func TestNoTextStandsTwice(t *testing.T) {
	files, err := filepath.Glob("texts/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of texts: %v", err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^  "([^"]+)":`).FindAllStringSubmatch(string(raw), -1) {
			if seen[m[1]] {
				t.Errorf("text %q stands twice", m[1])
			}
			seen[m[1]] = true
		}
	}
	if len(seen) != len(readAll(t)) {
		t.Errorf("%d texts stand in the files, %d are read", len(seen), len(readAll(t)))
	}
}

// sources are the templates and the Go files of this package, without tests.
func sources(t *testing.T) (templates, code string) {
	t.Helper()
	read := func(pattern string) string {
		var all strings.Builder
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files match %s: %v", pattern, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(raw)
		}
		return all.String()
	}
	return read("templates/*.html"), read("*.go")
}

func TestNoPageAsksForATextThatIsNotThere(t *testing.T) {
	all := readAll(t)
	templates, code := sources(t)
	asked := regexp.MustCompile(`\btn? "([^"]+)"`).FindAllStringSubmatch(templates, -1)
	asked = append(asked, regexp.MustCompile(`\.(?:say|count)\("([^"]+)"[,)]`).FindAllStringSubmatch(code, -1)...)
	if len(asked) < 100 {
		t.Fatalf("only %d texts are asked for: the pattern no longer finds them", len(asked))
	}
	for _, m := range asked {
		if _, known := all[m[1]]; !known {
			t.Errorf("text %q is asked for and not in the table", m[1])
		}
	}
}

func TestNoTextIsThereThatNoPageAsksFor(t *testing.T) {
	templates, code := sources(t)
	literals := regexp.MustCompile(`"([a-z_]+(?:\.[a-z_]+)*\.?)"`).FindAllStringSubmatch(templates+code, -1)
	for key := range readAll(t) {
		used := slices.ContainsFunc(literals, func(m []string) bool {
			return m[1] == strings.TrimSuffix(key, ".one") || strings.Contains(m[1], ".") && strings.HasPrefix(key, strings.TrimSuffix(m[1], ".")+".")
		})
		if !used {
			t.Errorf("text %q is asked for by nobody", key)
		}
	}
}

func TestEachCodeIsToldInThreeParts(t *testing.T) {
	all := readAll(t)
	for file, least := range map[string]int{"../../../protocol/codes.go": 20, "../../codes.go": 17, "../httpx/problem.go": 4} {
		codes := constants(t, file, "Code")
		if len(codes) < least {
			t.Errorf("%s has %d codes, at least %d were expected", file, len(codes), least)
		}
		for _, code := range codes {
			if code == string(protocol.CodeOK) {
				continue
			}
			for _, part := range []string{"what", "money", "now"} {
				if _, known := all["problem."+code+"."+part]; !known {
					t.Errorf("%s of code %s is not in the table", part, code)
				}
			}
		}
	}
}

func TestEachWordOfAStateIsThere(t *testing.T) {
	all := readAll(t)
	var keys []string
	for _, s := range []cloud.VisitState{
		cloud.StateAuthorising, cloud.StateOpening, cloud.StateOpen, cloud.StateCounting, cloud.StateCharged, cloud.StateNothingTaken,
		cloud.StateReview, cloud.StateOwed, cloud.StateWaived, cloud.StateRefunded, cloud.StateRestocked, cloud.StateServiced, cloud.StateUnknown,
	} {
		keys = append(keys, "short."+string(s), "visit."+string(s)+".head")
	}
	keys = append(keys, "short.aborted")
	for _, p := range []cloud.Payment{
		cloud.PaymentNone, cloud.PaymentHeld, cloud.PaymentUnknown, cloud.PaymentReview, cloud.PaymentCaptured, cloud.PaymentOwed,
		cloud.PaymentWaived, cloud.PaymentRefunded,
	} {
		keys = append(keys, "payment."+string(p))
	}
	for _, c := range []cloud.CabinetState{cloud.CabinetReady, cloud.CabinetBusy, cloud.CabinetOpen, cloud.CabinetStopped, cloud.CabinetAway} {
		keys = append(keys, "state."+string(c), "stand."+string(c))
	}
	for _, key := range keys {
		if _, known := all[key]; !known {
			t.Errorf("text %q is not in the table", key)
		}
	}
}

func TestEachIconThatIsAskedForIsDrawn(t *testing.T) {
	templates, code := sources(t)
	names := []string{"g-box"}
	for _, name := range categories {
		names = append(names, "g-"+name)
	}
	for _, m := range regexp.MustCompile(`icon "([a-z-]+)"|\$icon :?= "([a-z-]+)"`).FindAllStringSubmatch(templates, -1) {
		names = append(names, m[1]+m[2])
	}
	for _, m := range regexp.MustCompile(`Icon: "([a-z-]+)"`).FindAllStringSubmatch(code, -1) {
		names = append(names, m[1])
	}
	for _, name := range names {
		if !strings.Contains(templates, `<symbol id="i-`+name+`"`) {
			t.Errorf("icon %q is not in the sprite", name)
		}
	}
}

func TestAPhoneNumberIsReadAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"13800001234": "+8613800001234", "138 0000 1234": "+8613800001234", "138-0000-1234": "+8613800001234",
		"+86 138 0000 1234": "+8613800001234", "+44 (20) 7946 0000": "+442079460000", "12345": "12345", "call me": "xxxxxx",
	} {
		if got := e164(typed); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

func TestANumberIsShownAsItIsReadAloud(t *testing.T) {
	for number, want := range map[string]string{
		"+8613800001234": "138 0000 1234", "+8657100000110": "+86 571 0000 0110", "+861012345678": "+86 10 1234 5678",
		"0571-8888-0000": "0571-8888-0000", "+442079460000": "+442079460000", "+86 571 0000 0110": "+86 571 0000 0110", "+86": "+86",
	} {
		if got := spaced(number); got != want {
			t.Errorf("%s is shown as %q, want %q", number, got, want)
		}
	}
}

func TestOnlyPathsOfThisServerAreGoneBackTo(t *testing.T) {
	for path, want := range map[string]string{
		"/c/qj-1": "/c/qj-1", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/",
		"/\t/evil.example": "/", "/\x00/evil.example": "/", // Browsers leave such characters out.
	} {
		if got := localPath(path, "/"); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

func TestEachWordOfASelfTestAndEachPointOfAHandOverIsThere(t *testing.T) {
	all := readAll(t)
	var keys []string
	for item, words := range wire.CheckWords() {
		keys = append(keys, "check."+item)
		for _, word := range words {
			keys = append(keys, "check."+item+"."+word)
		}
	}
	for _, item := range []cloud.HandoverItem{
		cloud.HandoverClaimed, cloud.HandoverConnected, cloud.HandoverApplied, cloud.HandoverScales, cloud.HandoverCalibrated,
		cloud.HandoverLocks, cloud.HandoverCold, cloud.HandoverPurchase, cloud.HandoverSticker, cloud.HandoverStands,
	} {
		keys = append(keys, "handover."+string(item))
	}
	for _, d := range []wire.Door{wire.DoorStateShut, wire.DoorStateOpen, wire.DoorStateUnknown} {
		keys = append(keys, "service.door."+string(d))
	}
	for _, key := range keys {
		if _, known := all[key]; !known {
			t.Errorf("text %q is not in the table", key)
		}
	}
}
