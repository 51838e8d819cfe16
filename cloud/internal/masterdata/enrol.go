package masterdata

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/mosquitto"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
)

// Papers are what a cabinet needs to join the fleet. The password is in no other place: enrolling again voids it.
type Papers struct {
	Cabinet  protocol.CabinetID `json:"cabinet"`
	Shard    uint8              `json:"shard"`
	User     string             `json:"mqtt_user"`
	Password string             `json:"mqtt_password"`
	Keys     []PublicKey        `json:"keys"`
}

// PublicKey checks what the cloud signs.
type PublicKey struct {
	ID     uint32 `json:"id"`
	Public string `json:"public"` // base64
}

// Enrolments keep how each cabinet signs in.
type Enrolments interface {
	Enrol(ctx context.Context, id protocol.CabinetID, passwordHash []byte) (cloud.Enrolment, error)
	Enrolment(ctx context.Context, id protocol.CabinetID) (cloud.Enrolment, error)
}

// Enrol makes a cabinet's password and its papers.
func Enrol(ctx context.Context, store Enrolments, id protocol.CabinetID, keys grant.Keys) (Papers, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return Papers{}, fmt.Errorf("enrol %s: %w", id, err)
	}
	password := base64.RawURLEncoding.EncodeToString(secret)
	e, err := store.Enrol(ctx, id, mosquitto.Hash([]byte(password)))
	if err != nil {
		return Papers{}, fmt.Errorf("enrol %s: %w", id, err)
	}
	papers := Papers{Cabinet: id, Shard: e.Shard, User: string(id), Password: password}
	for key, public := range keys {
		papers.Keys = append(papers.Keys, PublicKey{ID: key, Public: base64.StdEncoding.EncodeToString(public)})
	}
	slices.SortFunc(papers.Keys, func(a, b PublicKey) int { return int(a.ID) - int(b.ID) })
	return papers, nil
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
