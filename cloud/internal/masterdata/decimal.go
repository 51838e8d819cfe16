package masterdata

import (
	"strconv"
	"strings"
)

// decimal reads a number as so many of its smallest units, 12.5 with two decimals as 1250; false where it is none, or where
// something would be lost.
func decimal(text string, decimals int) (int64, bool) {
	whole, part, dotted := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	digits := strings.TrimPrefix(whole, "-")
	if digits == "" || strings.ContainsFunc(digits+part, func(r rune) bool { return r < '0' || r > '9' }) || len(part) > decimals || dotted && strings.HasSuffix(text, ".") {
		return 0, false
	}
	i, err := strconv.ParseInt(whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	return i, err == nil
}

// spell writes what decimal reads.
func spell(i int64, decimals int) string {
	if decimals == 0 {
		return strconv.FormatInt(i, 10)
	}
	sign := ""
	if i < 0 {
		sign, i = "-", -i
	}
	digits := strconv.FormatInt(i, 10)
	if lacking := decimals + 1 - len(digits); lacking > 0 {
		digits = strings.Repeat("0", lacking) + digits
	}
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
}
