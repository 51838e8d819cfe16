package sqlstore

import (
	"encoding/hex"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
)

type steps struct{ *session }

// Send implements cloud.VisitSteps.
func (t steps) Send(id protocol.VisitID, command protocol.UUID, challenge grant.Token, at, notAfter time.Time) error {
	changed, err := t.exec(`UPDATE visits SET command = ?, challenge = ?, sent_ms = ?, not_after_ms = ? WHERE id = ? AND sent_ms = 0 AND ended_ms = 0`,
		idText(command), hex.EncodeToString(challenge[:]), ms(at), ms(notAfter), idText(id))
	return exactlyOne(changed, err, "send visit "+id.String())
}

// SendAnew implements cloud.VisitSteps.
func (t steps) SendAnew(id protocol.VisitID, command protocol.UUID, challenge grant.Token, at, notAfter time.Time) error {
	over := hex.EncodeToString(challenge[:])
	changed, err := t.exec(`UPDATE visits SET command = ?, challenge = ?, anew_ms = ?, not_after_ms = ?
		WHERE id = ? AND (sent_ms > 0 OR offered_ms > 0) AND challenge <> ? AND begun_ms = 0 AND ended_ms = 0`,
		idText(command), over, ms(at), ms(notAfter), idText(id), over)
	return exactlyOne(changed, err, "send visit "+id.String()+" anew")
}

// Offer implements cloud.VisitSteps.
func (t steps) Offer(id protocol.VisitID, at, ends time.Time) error {
	changed, err := t.exec(`UPDATE visits SET offline = ?, offered_ms = ?, offer_ends_ms = ? WHERE id = ? AND offered_ms = 0 AND begun_ms = 0 AND ended_ms = 0`,
		true, ms(at), ms(ends), idText(id))
	return exactlyOne(changed, err, "offer visit "+id.String())
}

// Refuse implements cloud.VisitSteps.
func (t steps) Refuse(id protocol.VisitID, code protocol.Code) error {
	changed, err := t.exec(`UPDATE visits SET code = ? WHERE id = ? AND begun_ms = 0 AND ended_ms = 0`, string(code), idText(id))
	return exactlyOne(changed, err, "refuse visit "+id.String())
}

// Begin implements cloud.VisitSteps.
func (t steps) Begin(id protocol.VisitID, at time.Time) error {
	changed, err := t.exec(`UPDATE visits SET begun_ms = ? WHERE id = ? AND begun_ms = 0`, ms(at), idText(id))
	return exactlyOne(changed, err, "begin visit "+id.String())
}

// End implements cloud.VisitSteps.
func (t steps) End(id protocol.VisitID, outcome cloud.Outcome, code protocol.Code, at time.Time) error {
	changed, err := t.exec(`UPDATE visits SET outcome = ?, code = ?, ended_ms = ? WHERE id = ? AND ended_ms = 0 AND outcome = ''`,
		string(outcome), string(code), ms(at), idText(id))
	return exactlyOne(changed, err, "end visit "+id.String())
}

// Decide implements cloud.VisitSteps.
func (t steps) Decide(id protocol.VisitID, outcome cloud.Outcome) error {
	changed, err := t.exec(`UPDATE visits SET outcome = ? WHERE id = ? AND ended_ms > 0 AND outcome = ''`, string(outcome), idText(id))
	return exactlyOne(changed, err, "decide visit "+id.String())
}

// Pay implements cloud.VisitSteps; what may become next is the domain's to say.
func (t steps) Pay(id protocol.VisitID, next cloud.Payment) error {
	before := next.Before()
	args := []any{string(next), idText(id)}
	for _, p := range before {
		args = append(args, string(p))
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(before)), ", ")
	changed, err := t.exec(`UPDATE visits SET payment = ? WHERE id = ? AND payment IN (`+marks+`)`, args...)
	return exactlyOne(changed, err, "pay visit "+id.String()+" to "+string(next))
}
