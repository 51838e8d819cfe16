package sticker

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the letters
	"fmt"
	"io"
	"strconv"
	"strings"
)

// packed are the letters of a sheet that is printed anywhere, so that no printer needs a Chinese font. They are those of Noto Sans CJK SC
// Bold, under the licence that lies beside them; letters.py has made them.
//
//go:embed letters.gz
var packed []byte

// nothing is drawn in the place of a letter that is not among them.
const nothing = '□'

// letter is how one is drawn, in thousandths of its size.
type letter struct {
	wide    int
	outline string
}

// letters are all of them.
type letters map[rune]letter

func readLetters() (letters, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	all := make(letters, 9000)
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, " ")
		wide, outline, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(wide)
		if err != nil {
			return nil, fmt.Errorf("letters: of %q: %w", name, err)
		}
		all[[]rune(name)[0]] = letter{n, strings.TrimSuffix(outline, "\n")}
	}
	return all, nil
}

// of is the letter, or what is drawn in its place.
func (l letters) of(r rune) letter {
	if one, there := l[r]; there {
		return one
	}
	return l[nothing]
}

// Missing are the letters of texts that cannot be drawn, each once.
func Missing(texts ...string) (string, error) {
	all, err := readLetters()
	if err != nil {
		return "", err
	}
	var missing []rune
	for _, r := range strings.Join(texts, "") {
		if _, there := all[r]; !there && !isLatin(r) && !strings.ContainsRune(string(missing), r) {
			missing = append(missing, r)
		}
	}
	return string(missing), nil
}
