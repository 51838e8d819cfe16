package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
)

// How often the bank calls back, whatever its mood, and how late.
const (
	callsBack  = 0.4 // of what it was asked for
	latestCall = 8 * time.Second
)

// signatureHeader carries what proves that the bank called.
const signatureHeader = "Bank-Signature"

// callBack tells the service what became of a request, in one of the ways in which banks do: once, twice, with an older word
// behind the newer one, with another amount, or somebody else calls in its place.
func (b *bank) callBack(r server.ProviderRequest) {
	b.mu.Lock()
	d, known := b.deeds[numbered(r.Number)]
	called, way, after := b.chance.Float64() < callsBack, b.chance.IntN(5), time.Duration(b.chance.Float64()*float64(latestCall))
	b.mu.Unlock()
	if !known || !called {
		return
	}
	truth, _ := b.word(r, outcome(d))
	words, secret := []server.ProviderWord{truth}, bankSecret
	switch way {
	case 1:
		words = append(words, truth)
	case 2:
		older := truth
		older.State = server.ProviderPending
		words = append(words, older)
	case 3:
		words[0].Amount++
	case 4:
		words[0].State, secret = server.ProviderDone, "a guess"
	}
	go func() {
		for _, w := range words {
			select {
			case <-time.After(after + time.Millisecond):
			case <-b.over:
				return
			}
			body, err := json.Marshal(w)
			if err != nil {
				panic(err)
			}
			b.heard(signed(secret, body), body)
		}
	}()
}

const bankSecret = "known to the bank and to the service"

func signed(secret string, body []byte) string {
	sum := sha256.Sum256(append([]byte(secret), body...))
	return hex.EncodeToString(sum[:])
}

// hear brings a call to the service, where there is one.
func (s *service) hear(signature string, body []byte) {
	r := s.up()
	if r == nil {
		return
	}
	call := httptest.NewRequest(http.MethodPost, "/api/v1/payments/bank/callback", bytes.NewReader(body))
	call.Header.Set(signatureHeader, signature)
	r.server.Handler().ServeHTTP(httptest.NewRecorder(), call)
}

// Parse is a provider's that calls back.
func (t *teller) Parse(header map[string][]string, body []byte) (w word, err error) {
	if http.Header(header).Get(signatureHeader) != signed(bankSecret, body) {
		return w, server.ErrForgedCall
	}
	return w, json.Unmarshal(body, &w)
}

// Reply is a provider's that calls back.
func (t *teller) Reply(err error) cloud.CallbackReply {
	if err != nil {
		return cloud.CallbackReply{Status: http.StatusInternalServerError}
	}
	return cloud.CallbackReply{Status: http.StatusOK}
}
