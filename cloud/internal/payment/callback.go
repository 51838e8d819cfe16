package payment

import (
	"context"
	"errors"
	"net/http"

	"allhours/cloud"
	"allhours/protocol"
)

// Callback implements cloud.Callbacks. A call is only another way to hear a provider's word: it is compared and booked as an
// answer is, so that it may come twice, late, or before the answer. The provider is asked to call again only where the books
// could not be written: what is wrong with a call stays wrong.
func (s *Service) Callback(ctx context.Context, provider string, header map[string][]string, body []byte) (cloud.CallbackReply, error) {
	listener, listens := s.Provider.(Listener)
	if !listens || provider != s.Provider.Account().Name {
		return cloud.CallbackReply{}, protocol.Errorf(cloud.CodeNotFound, "no provider of that name calls back")
	}
	word, err := listener.Parse(header, body)
	if err != nil { // Anybody can send such a call: it is no incident.
		s.Logger.Warn("payment callback refused", "provider", provider, "error", err)
		return listener.Reply(err), nil
	}
	op, err := s.take(ctx, word)
	if err != nil {
		s.Logger.Error("payment callback", "provider", provider, "number", word.Number, "error", err)
		return listener.Reply(err), nil
	}
	s.Wake()
	s.changed(op)
	return listener.Reply(nil), nil
}

// take books the word of a call.
func (s *Service) take(ctx context.Context, word Word) (op cloud.PaymentOp, err error) {
	err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		id, _ := ParseNumber(word.Number)
		op, err = tx.Ops.Find(id)
		if protocol.CodeOf(err) == cloud.CodeNotFound {
			s.Logger.Error("the payment provider tells of an operation that is not ours", "number", word.Number, "kind", word.Kind)
			return s.incident(tx, cloud.VisitRecord{}, cloud.DetailForeign.Fill(word.Kind, word.Number, word.Order, word.Amount))
		}
		if err == nil {
			_, err = s.accept(tx, op, word)
		}
		return err
	})
	return op, err
}

// plainReply is what most providers want to hear: 200 for a call that was taken, and anything else for one that was not.
func plainReply(err error) cloud.CallbackReply {
	reply := cloud.CallbackReply{Status: http.StatusOK, Type: "application/json", Body: []byte(`{"code":"SUCCESS"}`)}
	switch {
	case errors.Is(err, ErrForged):
		reply.Status, reply.Body = http.StatusUnauthorized, []byte(`{"code":"FAIL"}`)
	case err != nil:
		reply.Status, reply.Body = http.StatusInternalServerError, []byte(`{"code":"FAIL"}`)
	}
	return reply
}
