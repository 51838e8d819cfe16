package picking

import (
	"math"
	"unicode"

	"allhours/protocol"
)

// Look is what tells an article from another one.
type Look struct {
	SKU      protocol.SKU
	Category string
	Names    []string // in each language
	Unit, SD protocol.Milligrams
}

// doubt is how many standard deviations two units may be apart and still be taken for each other.
const doubt = 2

// SameWeight reports articles of which a scale with such a division does not tell one unit from one of the other.
func SameWeight(a, b Look, division protocol.Milligrams) bool {
	apart := float64(max(a.Unit-b.Unit, b.Unit-a.Unit))
	return a.SKU != b.SKU && apart < math.Max(float64(division), doubt*math.Hypot(float64(a.SD), float64(b.SD)))
}

// SameName reports articles of one category whose names differ in little, in the first language in which both have one: a third of
// their letters at most, a number counting as one.
func SameName(a, b Look) bool {
	return a.SKU != b.SKU && a.Category == b.Category && sameNames(a.Names, b.Names)
}

func sameNames(a, b []string) bool {
	for i := range min(len(a), len(b)) {
		if a[i] != "" && b[i] != "" {
			return nearly(words(a[i]), words(b[i]))
		}
	}
	return false
}

// words splits a name into letters and whole numbers, without spaces: 330ml and 500ml differ in one word, as 红茶 and 绿茶 do.
func words(name string) (all []string) {
	number := false
	for _, r := range name {
		switch digit := unicode.IsDigit(r) || number && r == '.'; {
		case unicode.IsSpace(r):
			number = false
		case digit && number:
			all[len(all)-1] += string(r)
		default:
			all, number = append(all, string(unicode.ToLower(r))), digit
		}
	}
	return all
}

// nearly reports names of which a third at most would have to be changed to make one of the other.
func nearly(a, b []string) bool {
	longer := max(len(a), len(b))
	return longer > 0 && changesOf(a, b)*3 <= longer
}

// changesOf is the least number of words that are put in, left out or replaced.
func changesOf(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			cost := before
			if a[i] != b[j] {
				cost = min(before, row[j], row[j+1]) + 1
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
