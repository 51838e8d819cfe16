package payment

import (
	"encoding/json"

	"allhours/cloud"
)

// Retry charges a debt as the outbox does that has just read it.
func (s *Service) Retry(tx cloud.Tx, d cloud.Debt) error { return s.retry(tx, d) }

// SignedCall is a call as the simulator makes it.
func (s *Simulator) SignedCall(w Word) (header map[string][]string, body []byte) {
	body = encode(w)
	return map[string][]string{signatureHeader: {s.sign(body)}}, body
}

// SignRaw signs what is no call.
func (s *Simulator) SignRaw(v any) (header map[string][]string, body []byte) {
	body, _ = json.Marshal(v)
	return map[string][]string{signatureHeader: {s.sign(body)}}, body
}

// LinesOf shows what an order is for.
var LinesOf = linesOf

// NextTry shows when a debt is charged by itself.
var NextTry = nextTry
