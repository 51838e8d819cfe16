package cloud

import (
	"fmt"
	"regexp"
	"strings"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// DetailForm is how a detail of an incident is written down: a format of package fmt, in English, as the books and the API have it. Whoever opens
// an incident fills it, and pages read its parts back to say the same in the language of their reader.
type DetailForm string

// The forms of details that have parts, or that say no more than their kind.
const (
	DetailAway      DetailForm = "no word since %s"                                          // a moment, RFC 3339
	DetailNoSale    DetailForm = "nothing sold in %d hours, %.0f units expected"             // how long, how many
	DetailLot       DetailForm = "%s on %s: %d units, until %s"                              // article, platform, how many, last day
	DetailLock      DetailForm = "the lock failed twice in a row"                            // nothing
	DetailKey       DetailForm = "opened without a visit"                                    // nothing
	DetailLeftOpen  DetailForm = "open for %d s"                                             // how long
	DetailMoved     DetailForm = "%+.0f g behind a shut door within %d s"                    // by how much, how fast
	DetailUnit      DetailForm = "%.1f g, not %.1f g, by %d units in %d visits"              // one unit, as the master data say, how many, how often
	DetailRefill    DetailForm = "%s: counted %d, weighed %d"                                // SKU, and how many of it
	DetailUnweighed DetailForm = "%s: counted %d, not weighed"                               // SKU, and how many of it
	DetailStopped   DetailForm = "%s: %s"                                                    // code, what the cabinet says
	DetailConfig    DetailForm = "version %d.%d: %s: %s"                                     // epoch, version, code, what the cabinet says
	DetailWarm      DetailForm = "%s: not known to be at or below %s for %d s, up to %s"     // code, limit, how long, the highest
	DetailUnseen    DetailForm = "%s: not known to be at or below %s for %d s, not measured" // code, limit, how long
)

// DetailForms are those that the detail of a kind may have; none: it is told as it is.
func (k IncidentKind) DetailForms() []DetailForm {
	switch k {
	case IncidentAway:
		return []DetailForm{DetailAway}
	case IncidentNoSale:
		return []DetailForm{DetailNoSale}
	case IncidentExpires, IncidentExpired:
		return []DetailForm{DetailLot}
	case IncidentLock:
		return []DetailForm{DetailLock}
	case IncidentKeyOpening:
		return []DetailForm{DetailKey}
	case IncidentLeftOpen:
		return []DetailForm{DetailLeftOpen}
	case IncidentMoved:
		return []DetailForm{DetailMoved}
	case IncidentUnitWeight:
		return []DetailForm{DetailUnit}
	case IncidentRefillDiffers:
		return []DetailForm{DetailRefill, DetailUnweighed}
	case IncidentStopped:
		return []DetailForm{DetailStopped}
	case IncidentConfig:
		return []DetailForm{DetailConfig}
	case IncidentTemperature:
		return []DetailForm{DetailWarm, DetailUnseen}
	}
	return nil
}

// Fill writes a detail down.
func (f DetailForm) Fill(parts ...any) string {
	if len(parts) == 0 {
		return string(f)
	}
	return fmt.Sprintf(string(f), parts...)
}

// Read gives the parts of a detail back as they were written; false where it is of another form.
func (f DetailForm) Read(detail string) (parts []string, is bool) {
	verbs := regexp.MustCompile(`%[+.0-9]*[a-z]`)
	parted := verbs.ReplaceAllStringFunc(string(f), func(verb string) string {
		return map[bool]string{true: "\x00", false: "\x01"}[strings.HasSuffix(verb, "s")]
	})
	pattern := strings.NewReplacer("\x00", `(.+?)`, "\x01", `([-+]?[0-9.]+)`).Replace(regexp.QuoteMeta(parted))
	m := regexp.MustCompile(`(?s)^` + pattern + `$`).FindStringSubmatch(detail)
	if m == nil {
		return nil, false
	}
	return m[1:], true
}

// Facts are the parts of the incident's detail, and its form; false where it has none.
func (i Incident) Facts() (form DetailForm, parts []string, known bool) {
	for _, form := range i.Kind.DetailForms() {
		if parts, is := form.Read(i.Detail); is {
			return form, parts, true
		}
	}
	return "", nil, false
}

// Lot is what lies where, and until when, of an incident about goods whose date comes near or is over; false where it is none.
func (i Incident) Lot() (platform protocol.PlatformID, sku protocol.SKU, until ledger.Day, is bool) {
	parts := strings.Split(i.Subject, " ")
	if i.Kind != IncidentExpires && i.Kind != IncidentExpired || len(parts) != 3 {
		return "", "", "", false
	}
	return protocol.PlatformID(parts[0]), protocol.SKU(parts[1]), ledger.Day(parts[2]), true
}

// Article is which one the incident is about; empty: none.
func (i Incident) Article() protocol.SKU {
	switch i.Kind {
	case IncidentUnitWeight:
		return protocol.SKU(i.Subject)
	case IncidentRefillDiffers:
		if _, parts, known := i.Facts(); known {
			return protocol.SKU(parts[0])
		}
	}
	_, sku, _, _ := i.Lot()
	return sku
}
