package message

import (
	"context"
	"errors"
	"log/slog"

	"allhours/cloud"
	"allhours/protocol"
)

// ErrRefused means that a provider will never send a message. Any other error means that nobody knows whether it will.
var ErrRefused = errors.New("message: refused by the provider")

// Param is one blank of a template, in the template's order.
type Param struct{ Name, Value string }

// Outgoing is a message as a provider takes it: by template and parameters, as the networks want it, or as a text.
type Outgoing struct {
	ID     protocol.UUID // the same for each try, for providers that can tell one try from another message
	Phone  string        // E.164
	Kind   cloud.MessageKind
	Lang   string // zh or en
	Params []Param
	Text   string
}

// Sender hands messages to a provider.
type Sender interface {
	// Send returns the provider's own id of what it took. Errors: ErrRefused, wrapped with the provider's word; any other is
	// an unknown outcome, and the message is sent again.
	Send(ctx context.Context, o Outgoing) (providerID string, err error)
}

// LogSender is the demo's provider: it writes down that there was a message. Of a code it tells no more than that.
type LogSender struct{ Logger *slog.Logger }

// Send implements Sender.
func (l LogSender) Send(_ context.Context, o Outgoing) (string, error) {
	text := o.Text
	if o.Kind == cloud.MessageCode {
		text = ""
	}
	l.Logger.Info("message", "kind", o.Kind, "to", cloud.MaskPhone(o.Phone), "lang", o.Lang, "text", text)
	return "log", nil
}
