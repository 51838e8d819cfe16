package sticker

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allhours/cloud"
)

func some(many int) (all []Sticker) {
	for n := range many {
		all = append(all, Sticker{
			URL: fmt.Sprintf("https://cabinets.example.com/c/xs-%02d", n+1), ID: fmt.Sprintf("xs-%02d", n+1), Number: n + 1, Phone: "0571 8888 0000",
			Store: cloud.Text{Zh: "钱江花园店", En: "Qianjiang Garden"}, Place: cloud.Text{Zh: "2 号门 (快递站旁)", En: `Gate 2 (by the "parcel" room)`},
		})
	}
	return all
}

// TestEachStickerIsReadAsItsCabinet prints sheets and labels as a printer does, and reads them as a phone does.
func TestEachStickerIsReadAsItsCabinet(t *testing.T) {
	for size, many := range map[Size]int{A4: 9, Label: 2} {
		all := some(many)
		pdf, err := Print(all, size)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, s := range all {
			want = append(want, s.URL)
		}
		if got := scanned(t, pdf, 2); !slices.Equal(got, want) {
			t.Errorf("%s: read %q, want %q", size, got, want)
		}
	}
}

// scanned gives the codes of a document's pages, sorted.
func scanned(t *testing.T, pdf []byte, pages int) (codes []string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "stickers.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), needs(t, "pdftoppm"), "-r", "150", "-gray", file, filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	images, err := filepath.Glob(filepath.Join(dir, "page*.pgm"))
	if err != nil || len(images) != pages {
		t.Fatalf("%d pages, want %d, %v", len(images), pages, err)
	}
	out, err := exec.CommandContext(t.Context(), needs(t, "zbarimg"), append([]string{"--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"}, images...)...).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	codes = strings.Fields(string(out))
	slices.Sort(codes)
	return codes
}

func needs(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("%s is missing; see make peers", name)
	}
	return path
}

func TestTheSameStickersMakeTheSameFile(t *testing.T) {
	one, err := Print(some(3), A4)
	two, err2 := Print(some(3), A4)
	if err != nil || err2 != nil || !bytes.Equal(one, two) || len(one) > 60_000 {
		t.Errorf("%d and %d bytes, %v, %v", len(one), len(two), err, err2)
	}
}

func TestAWordThatIsTooLongIsSmallerAndThenCut(t *testing.T) {
	for say, c := range map[string]struct {
		text  string
		width float64
		want  string
	}{
		"it fits":           {"Gate", 40, "(Gate)"},
		"it is set smaller": {"Gate 2", 11, "(Gate 2)"},
		"it is cut off":     {"Gate 2 behind the parcel room", 20, "(Gate 2 behind ...)"},
		"brackets are kept": {"(2)", 40, `(\(2\))`},
	} {
		d := document{letters: someLetters(t)}
		p := d.add()
		p.words(c.text, face{size: 4}, 0, 0, c.width)
		if !strings.Contains(p.b.String(), c.want+" Tj") {
			t.Errorf("%s: drew %s", say, p.b.String())
		}
	}
}

func someLetters(t *testing.T) letters {
	t.Helper()
	all, err := readLetters()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNamesAreDrawnAndNeedNoFont draws names with rare letters in them: of places, and with marks.
func TestNamesAreDrawnAndNeedNoFont(t *testing.T) {
	s := some(1)[0]
	s.Store, s.Place = cloud.Text{Zh: "㙦岙镇·垚鑫店（２号）", En: "Café"}, cloud.Text{Zh: "𬒈圳巷口", En: "Gate"}
	if missing, err := Missing(s.Store.Zh, s.Store.En, s.Place.Zh, s.Place.En); err != nil || missing != "" {
		t.Errorf("%q cannot be drawn, %v", missing, err)
	}
	pdf, err := Print([]Sticker{s}, Label)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sticker.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	fonts, err := exec.CommandContext(t.Context(), needs(t, "pdffonts"), file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(fonts)) {
		if !strings.HasPrefix(line, "name") && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "Helvetica") {
			t.Errorf("a printer needs the font of %q", line)
		}
	}
}

func TestALetterThatCannotBeDrawnIsNamedAndABoxStandsForIt(t *testing.T) {
	if missing, err := Missing("钱江𪚥花园𪚥", "Gate 🚪"); err != nil || missing != "𪚥🚪" {
		t.Errorf("%q cannot be drawn, %v", missing, err)
	}
	all := someLetters(t)
	d := document{letters: all}
	p := d.add()
	p.words("𪚥", face{size: 4}, 0, 0, 40)
	if box := all[nothing].outline; box == "" || !strings.Contains(p.b.String(), box) {
		t.Errorf("drew %s", p.b.String())
	}
}

func TestEachLetterOfTheStandardTablesHasAnOutline(t *testing.T) {
	all := someLetters(t)
	for _, r := range "扫码开门号柜客服一鑫甪硚溆é（·" {
		if all[r].outline == "" {
			t.Errorf("%c has none", r)
		}
	}
	if len(all) < 8105 {
		t.Errorf("there are %d", len(all))
	}
}
