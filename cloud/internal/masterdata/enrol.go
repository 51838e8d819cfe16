package masterdata

import (
	"context"

	"allhours/cloud"
	"allhours/cloud/internal/mosquitto"
	"allhours/protocol"
	"allhours/protocol/topic"
)

// Enrolments know how each cabinet signs in.
type Enrolments interface {
	Enrolment(ctx context.Context, id protocol.CabinetID) (cloud.Enrolment, error)
}

// Logins checks what cabinets sign in with.
type Logins struct{ Store Enrolments }

// CheckLogin gives the cabinet's address; cloud.CodeBadPassword for a wrong password.
func (l Logins) CheckLogin(ctx context.Context, id protocol.CabinetID, password []byte) (topic.Address, error) {
	e, err := l.Store.Enrolment(ctx, id)
	if err != nil {
		return topic.Address{}, err
	}
	if !mosquitto.Matches(e.PasswordHash, password) {
		return topic.Address{}, protocol.Errorf(cloud.CodeBadPassword, "wrong password of cabinet %s", id)
	}
	return topic.Address{Shard: e.Shard, Cabinet: id}, nil
}

// Hash is what is kept of a cabinet's password.
func Hash(password []byte) []byte { return mosquitto.Hash(password) }
