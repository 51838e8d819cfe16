// Package alert brings what is told of incidents to receivers outside: a webhook and mail. It tries once, and refuses to keep
// anything: the outbox is package incident's.
package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"allhours/cloud/internal/incident"
)

// SignatureHeader has sha256= and the HMAC-SHA256 of the time header, a dot and the body, in hexadecimal digits. Whoever checks
// it also refuses a time that is far off, so that nobody sends an old one again.
const (
	SignatureHeader = "X-Allhours-Signature"
	TimeHeader      = "X-Allhours-Time" // seconds since 1970
)

// Webhook posts notices as JSON. It implements incident.Receiver.
type Webhook struct {
	URL    string
	Secret []byte
	Client *http.Client // should not follow redirections
	Now    func() time.Time
}

// NewClient is what a webhook is called with: it goes where it is told to and nowhere else.
func NewClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Receive implements incident.Receiver. What a receiver answers with 400, 404, 410 or 422 it will never take.
func (w Webhook) Receive(ctx context.Context, told []incident.Told) error {
	body, err := json.Marshal(map[string]any{"v": 1, "notices": told})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", incident.ErrRefused, err)
	}
	at := strconv.FormatInt(w.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(TimeHeader, at)
	request.Header.Set(SignatureHeader, Signature(w.Secret, at, body))
	answer, err := w.Client.Do(request)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 4096) // So that the connection can be used again; what it says is of no use.
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusBadRequest, code == http.StatusNotFound, code == http.StatusGone, code == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: the webhook answered %d", incident.ErrRefused, code)
	default:
		return fmt.Errorf("the webhook answered %d", code)
	}
}

// Signature is what the header says of a body at a time.
func Signature(secret []byte, at string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
