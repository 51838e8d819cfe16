package phone

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// Disguises are the forms in which a Chinese mobile number (+86 and eleven digits) may stand where it should not: as people and
// programs write it, encoded, and hashed without a key, which whoever tries all numbers reads like the number itself.
func Disguises(number string) map[string]string {
	local := strings.TrimPrefix(number, "+86")
	spaced := func(with string) string { return local[:3] + with + local[3:7] + with + local[7:] }
	forms := map[string]string{
		"digits": local, "spaces": spaced(" "), "dashes": spaced("-"), "no-break spaces": spaced("\u00a0"),
		"spaces in an address": spaced("+"), "spaces escaped": spaced("%20"), "digits escaped": escaped(local),
	}
	for name, text := range map[string]string{"number": number, "digits": local, "number without its plus": number[1:], "escaped number": url.QueryEscape(number)} {
		raw := []byte(text)
		forms["hex of the "+name] = hex.EncodeToString(raw)
		forms["HEX of the "+name] = strings.ToUpper(hex.EncodeToString(raw))
		for i, part := range anywhere(raw) {
			forms["base64 of the "+name+" at "+string(rune('0'+i))] = part
		}
		sum, old, older := sha256.Sum256(raw), sha1.Sum(raw), md5.Sum(raw)
		for hash, value := range map[string][]byte{"sha256": sum[:], "sha1": old[:], "md5": older[:]} {
			forms[hash+" of the "+name] = hex.EncodeToString(value)
			forms[hash+" of the "+name+" in base64"] = strings.TrimRight(base64.StdEncoding.EncodeToString(value), "=")
			forms[hash+" of the "+name+" in base64 for addresses"] = strings.TrimRight(base64.URLEncoding.EncodeToString(value), "=")
			forms[hash+" of the "+name+" in bytes"] = string(value)
		}
	}
	return forms
}

// anywhere is how base64 writes a text in the middle of another one, by where it begins; what depends on its neighbours is cut off.
func anywhere(raw []byte) [3]string {
	var parts [3]string
	for before := range parts {
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), raw...))
		parts[before] = text[(before*8+5)/6 : (before+len(raw))*8/6]
	}
	return parts
}

func escaped(digits string) string {
	var b strings.Builder
	for _, d := range []byte(digits) {
		b.WriteString("%" + hex.EncodeToString([]byte{d}))
	}
	return b.String()
}
