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

// The forms of details about cards, journals and what arrives.
const (
	DetailNotEnrolled DetailForm = "cabinet %q is not enrolled"                                                     // its id
	DetailOtherShard  DetailForm = "sent in shard %d, enrolled in %d"                                               // shards
	DetailInForce     DetailForm = "the journal in force is %s"                                                     // journal
	DetailRetired     DetailForm = "taken out of use: %s"                                                           // why, as the claims have it
	DetailLacks       DetailForm = "boot %d: it ends at %d, and %d of its events are here"                          // boot, last event there, last event here
	DetailTwoBoots    DetailForm = "boot %d was begun by two devices"                                               // boot
	DetailBootBack    DetailForm = "boot %d after boot %d"                                                          // the boot told, the newest known
	DetailCameTwice   DetailForm = "event %d came twice and differs"                                                // number
	DetailNowhere     DetailForm = "events %d to %d are nowhere"                                                    // first, last
	DetailCounters    DetailForm = "reported %d openings, %d units, %s; events add up to %d openings, %d units, %s" // the cabinet's counters, and ours
	DetailUnread      DetailForm = "refused with %s: %s"                                                            // code, what is wrong
	DetailBegunThere  DetailForm = "begun at the cabinet, never here"                                               // nothing
	DetailEndedThere  DetailForm = "settled at the cabinet, never begun here"                                       // nothing
	DetailOwnKey      DetailForm = "opened by the cabinet's own key"                                                // nothing
	DetailSecond      DetailForm = "a second settlement differs from the first: %s"                                 // event
	DetailLate        DetailForm = "settled after it was aborted"                                                   // nothing
)

// The forms of details about money. A number is the one under which the provider knows what was done.
const (
	DetailSays      DetailForm = "the provider says of the %s %s: %s"                                                                                   // kind of operation, its id, and one of the forms of SaidForms
	DetailForeign   DetailForm = "the provider says of an operation that is not ours: %s %q of order %q, %s"                                            // kind, number, order, amount
	DetailRefused   DetailForm = "the provider refused the %s %s"                                                                                       // kind, id
	DetailToBecome  DetailForm = "the payment is %s and was told to become %s"                                                                          // payments
	DetailTookCase  DetailForm = "the provider took %s of this case (%s), which was decided after the backup: decide it again; no time waives it"       // amount, number
	DetailTookVisit DetailForm = "the provider took %s of this visit (%s), and its payment here is %s"                                                  // amount, number, payment
	DetailTookMore  DetailForm = "the provider took %s for the debt of this visit (%s), of which %s is owed"                                            // amount, number, amount
	DetailTookLess  DetailForm = "the provider took %s for the debt of this visit (%s), of which %s is owed: what lessened it since the backup is lost" // amount, number, amount
	DetailTookOther DetailForm = "the provider took %s for the debt of this visit (%s), which is being paid in another way"                             // amount, number
	DetailTookTwice DetailForm = "the provider took %s for the debt of this visit (%s), and so did these books from the balance: give one of them back" // amount, number
	DetailGaveBack  DetailForm = "the provider gave back %s (%s), and these books have no ruling for it: rule again as before the backup"               // amount, number
	DetailNotBack   DetailForm = "the provider refused to give back %s (%s)"                                                                            // amount, id
	DetailHoldLost  DetailForm = "the provider knows no hold %s of %s: it may have been on a balance that was paid ahead"                               // id, amount
	DetailTopUp     DetailForm = "a top-up of %s: these books do not know who paid it (%s)"                                                             // amount, number
	DetailPayout    DetailForm = "a payout of %s: these books have not that much left of what was paid ahead (%s)"                                      // amount, number
	DetailPayLost   DetailForm = "a payment of %s: these books have no debt that it paid (%s)"                                                          // amount, number
	DetailRest      DetailForm = "%d debts rest"                                                                                                        // how many
)

// The forms of what a provider may say that does not fit.
const (
	SaidDone     DetailForm = "it was done, after it was %s"             // state
	SaidRefused  DetailForm = "it was refused, after it was done"        // nothing
	SaidAmount   DetailForm = "an amount of %s instead of %s"            // amounts
	SaidMerchant DetailForm = "merchant %q instead of %q"                // merchants
	SaidOther    DetailForm = "%s %q of order %q instead of %s %q of %q" // kind, number and order, of either
)

// SaidForms are those of what a provider may say that does not fit.
func SaidForms() []DetailForm {
	return []DetailForm{SaidDone, SaidRefused, SaidAmount, SaidMerchant, SaidOther}
}

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
	if forms := k.arrivalForms(); forms != nil {
		return forms
	}
	return k.moneyForms()
}

func (k IncidentKind) arrivalForms() []DetailForm {
	switch k {
	case IncidentUnknownCabinet:
		return []DetailForm{DetailNotEnrolled, DetailOtherShard}
	case IncidentOtherJournal:
		return []DetailForm{DetailInForce, DetailRetired}
	case IncidentClonedCard:
		return []DetailForm{DetailTwoBoots, DetailBootBack}
	case IncidentRestoredCard:
		return []DetailForm{DetailLacks}
	case IncidentOtherEvent:
		return []DetailForm{DetailCameTwice}
	case IncidentEventsLost:
		return []DetailForm{DetailNowhere}
	case IncidentCounters:
		return []DetailForm{DetailCounters}
	case IncidentPoison, IncidentMalformed:
		return []DetailForm{DetailUnread}
	case IncidentUnknownVisit:
		return []DetailForm{DetailBegunThere, DetailEndedThere}
	case IncidentServiceByClaim:
		return []DetailForm{DetailOwnKey}
	case IncidentSecondSettling:
		return []DetailForm{DetailSecond}
	case IncidentLateSettling:
		return []DetailForm{DetailLate}
	}
	return nil
}

func (k IncidentKind) moneyForms() []DetailForm {
	switch k {
	case IncidentPaymentMismatch:
		return []DetailForm{
			DetailSays, DetailForeign, DetailRefused, DetailToBecome, DetailTookCase, DetailTookVisit, DetailTookLess, DetailTookMore, DetailTookOther,
			DetailTookTwice, DetailGaveBack,
		}
	case IncidentRefundRefused:
		return []DetailForm{DetailNotBack}
	case IncidentHoldLost:
		return []DetailForm{DetailHoldLost}
	case IncidentAheadLost:
		return []DetailForm{DetailTopUp, DetailPayout}
	case IncidentPayLost:
		return []DetailForm{DetailPayLost}
	case IncidentDebtsRest:
		return []DetailForm{DetailRest}
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
		switch verb[len(verb)-1] {
		case 's':
			return "\x00"
		case 'q':
			return "\x02"
		}
		return "\x01"
	})
	pattern := strings.NewReplacer("\x00", `(.+?)`, "\x01", `([-+]?[0-9.]+)`, "\x02", `"(.*?)"`).Replace(regexp.QuoteMeta(parted))
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
