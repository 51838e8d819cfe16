package web

import (
	"strconv"
	"time"

	"allhours/cloud"
)

// incidentReason says what was noticed; empty where there are no words for it.
func (v *view) incidentReason(i cloud.Incident, names goodsNames, loc *time.Location) string {
	key := "incident." + string(i.Kind) + ".detail"
	form, parts, known := i.Facts()
	switch {
	case i.Kind == cloud.IncidentScale && v.has("scale."+i.Detail):
		return v.say("scale." + i.Detail)
	case !known:
		return ""
	case form == cloud.DetailAway:
		since, err := time.Parse(time.RFC3339, parts[0])
		if err != nil {
			return ""
		}
		return v.say(key, v.clock(moment{At: since.In(loc), Day: true}))
	case form == cloud.DetailLot:
		return v.counted(key, parts[2])
	case form == cloud.DetailStopped, form == cloud.DetailConfig:
		key = "incident." + string(i.Kind) + ".by." + parts[len(parts)-2]
		if !v.has(key) {
			return ""
		}
	case form == cloud.DetailUnseen:
		return v.say("incident.temperature.unseen", parts[1], v.seconds(parts[2]))
	case form == cloud.DetailWarm:
		return v.say(key, parts[1], v.seconds(parts[2]), parts[3])
	case form == cloud.DetailLeftOpen:
		return v.say(key, v.seconds(parts[0]))
	case form == cloud.DetailUnweighed:
		return v.say("incident.refill_differs.unweighed", v.called(i.Article(), names), parts[1])
	case form == cloud.DetailRefill:
		return v.say(key, v.called(i.Article(), names), parts[1], parts[2])
	case form == cloud.DetailSays:
		said := v.said(parts[2])
		if said == "" {
			return ""
		}
		return v.say("incident.payment_mismatch.says", v.part("incident.op.", parts[0]), parts[1], said)
	case form == cloud.DetailUnread:
		key = "incident.unread." + parts[0]
		if !v.has(key) {
			return ""
		}
		return v.say(key)
	case len(parts) == 0: // Its name says all of it.
		return ""
	}
	if own, is := reasonTexts()[form]; is {
		return own.say(v, parts)
	}
	return reasonText{key: key}.say(v, parts)
}

// reasonText is how a form is told where its kind has several, or where parts of it have words of their own: with the prefix of their texts.
type reasonText struct {
	key   string
	named []string
}

func reasonTexts() map[cloud.DetailForm]reasonText {
	return map[cloud.DetailForm]reasonText{
		cloud.DetailNotEnrolled: {key: "incident.unknown_cabinet.id"},
		cloud.DetailOtherShard:  {key: "incident.unknown_cabinet.shard"},
		cloud.DetailInForce:     {key: "incident.other_journal.force"},
		cloud.DetailRetired:     {key: "incident.other_journal.retired"},
		cloud.DetailTwoBoots:    {key: "incident.cloned_card.two"},
		cloud.DetailBootBack:    {key: "incident.cloned_card.back"},
		cloud.DetailForeign:     {"incident.payment_mismatch.foreign", []string{"incident.op."}},
		cloud.DetailRefused:     {"incident.payment_mismatch.refused", []string{"incident.op."}},
		cloud.DetailToBecome:    {"incident.payment_mismatch.become", []string{"payment.", "payment."}},
		cloud.DetailTookCase:    {key: "incident.payment_mismatch.case"},
		cloud.DetailTookVisit:   {"incident.payment_mismatch.visit", []string{"", "", "payment."}},
		cloud.DetailTookMore:    {key: "incident.payment_mismatch.more_taken"},
		cloud.DetailTookLess:    {key: "incident.payment_mismatch.less_owed"},
		cloud.DetailTookOther:   {key: "incident.payment_mismatch.paying"},
		cloud.DetailTookTwice:   {key: "incident.payment_mismatch.twice"},
		cloud.DetailGaveBack:    {key: "incident.payment_mismatch.back"},
		cloud.DetailTopUp:       {key: "incident.ahead_lost.topup"},
		cloud.DetailPayout:      {key: "incident.ahead_lost.payout"},
		cloud.SaidDone:          {"incident.said.done", []string{"incident.opstate."}},
		cloud.SaidRefused:       {key: "incident.said.refused"},
		cloud.SaidAmount:        {key: "incident.said.amount"},
		cloud.SaidMerchant:      {key: "incident.said.merchant"},
		cloud.SaidOther:         {"incident.said.other", []string{"incident.op.", "", "", "incident.op."}},
	}
}

func (r reasonText) say(v *view, parts []string) string {
	args := make([]any, len(parts))
	for n, part := range parts {
		if args[n] = part; n < len(r.named) {
			args[n] = v.part(r.named[n], part)
		}
	}
	return v.say(r.key, args...)
}

// part names a part of a detail where there are words for it.
func (v *view) part(prefix, part string) string {
	if prefix != "" && v.has(prefix+part) {
		return v.say(prefix + part)
	}
	return part
}

// said tells what a provider says that does not fit; empty where it is of no known form.
func (v *view) said(word string) string {
	for _, form := range cloud.SaidForms() {
		if parts, is := form.Read(word); is {
			return reasonTexts()[form].say(v, parts)
		}
	}
	return ""
}

// counted is count for a number that was read.
func (v *view) counted(key, number string) string {
	n, err := strconv.Atoi(number)
	if err != nil {
		return ""
	}
	return v.count(key, n)
}

// seconds is how long so many seconds are.
func (v *view) seconds(number string) string {
	n, err := strconv.Atoi(number)
	if err != nil {
		return number
	}
	return v.span(time.Duration(n) * time.Second)
}
