// Package claim lets cabinets join the fleet: it makes the codes, and takes what a device proves that was given one. It
// refuses to know a password or a code: of both there are hashes only.
package claim

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/masterdata"
	"allhours/cloud/internal/throttle"
	"allhours/cloud/internal/visit"
	"allhours/protocol"
	"allhours/protocol/claim"
	"allhours/protocol/grant"
)

// Cards decides which journal of a cabinet is in force.
type Cards interface {
	// Admits has CodeCardRetired for a journal that can never be in force any more.
	Admits(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) error
	Accept(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) (visit.Done, error)
}

// Options are what the service stands on; all are needed, but Broker for making codes only.
type Options struct {
	DB     cloud.DB
	Cards  Cards
	Keys   grant.Keys // that cabinets check the cloud's signatures with
	Broker string     // as cabinets reach it, see claim.Broker
	Now    func() time.Time
	Random io.Reader
}

// Service implements cloud.Claims.
type Service struct {
	Options
	guesses *throttle.Throttle // wrong codes, by where they came from
}

// New makes a service.
func New(o Options) *Service {
	return &Service{Options: o, guesses: throttle.New(time.Minute, 10, 100*time.Millisecond, 600)}
}

// Enrol makes a code that one device may claim the cabinet with until life has passed. An older code is void; what the
// cabinet signs in with now stays good until the claim.
func (s *Service) Enrol(ctx context.Context, cabinet protocol.CabinetID, life time.Duration) (cloud.ClaimCode, error) {
	code, err := claim.NewCode(s.Random)
	if err != nil {
		return cloud.ClaimCode{}, err
	}
	hash, ends := code.Hash(), s.Now().Add(life)
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		return tx.Claims.Add(cloud.ClaimRecord{Cabinet: cabinet, Hash: hash[:], Expires: ends})
	})
	return cloud.ClaimCode{Cabinet: cabinet, Code: code, Expires: ends}, err
}

// Claim implements cloud.Claims.
func (s *Service) Claim(ctx context.Context, r claim.Request, from string) (claim.Papers, error) {
	if s.guesses.Spent(from, s.Now()) { // A warehouse switches on a hundred at once.
		return claim.Papers{}, protocol.Errorf(cloud.CodeTooMany, "too many wrong claims from there, or from all")
	}
	var done visit.Done
	var papers claim.Papers
	err := proven(r)
	if err == nil {
		err = s.DB.Update(ctx, func(tx cloud.Tx) (err error) {
			papers, done, err = s.take(tx, r)
			return err
		})
	}
	if protocol.CodeOf(err) == cloud.CodeBadClaim {
		s.guesses.Allow(from, s.Now())
	}
	if err != nil {
		return claim.Papers{}, err
	}
	if done != nil {
		done()
	}
	return papers, nil
}

// proven reports what is wrong with a request in itself. One that is not signed by the key in it is no claim.
func proven(r claim.Request) error {
	err := r.Check()
	if protocol.CodeOf(err) == protocol.CodeBadSignature {
		return protocol.Errorf(cloud.CodeBadClaim, "%v", err)
	}
	return err
}

// take gives the cabinet to the device. The same device that asks once more, because the answer was lost, changes nothing.
func (s *Service) take(tx cloud.Tx, r claim.Request) (claim.Papers, visit.Done, error) {
	hash := r.Code.Hash()
	known, err := tx.Claims.Find(hash[:])
	if err != nil {
		return claim.Papers{}, nil, err
	}
	switch {
	case !s.Now().Before(known.Expires):
		return claim.Papers{}, nil, protocol.Errorf(cloud.CodeBadClaim, "the claim code of %s ended at %s", known.Cabinet, known.Expires)
	case !known.Used.IsZero() && (!bytes.Equal(known.Key, r.Key) || known.Journal != r.Journal):
		return claim.Papers{}, nil, protocol.Errorf(cloud.CodeClaimUsed, "the claim code of %s was used by another device", known.Cabinet)
	}
	var done visit.Done
	if known.Used.IsZero() {
		if done, err = s.admit(tx, known, r); err != nil {
			return claim.Papers{}, nil, err
		}
	}
	papers, err := s.papers(tx, known.Cabinet)
	return papers, done, err
}

// admit voids what the cabinet signed in with before, and puts the device's journal into force where it is another.
func (s *Service) admit(tx cloud.Tx, known cloud.ClaimRecord, r claim.Request) (visit.Done, error) {
	position, err := tx.Inbox.Position(known.Cabinet)
	if err != nil {
		return nil, err
	}
	if err := s.Cards.Admits(tx, known.Cabinet, position, r.Journal); err != nil {
		return nil, err
	}
	if err := tx.Claims.Use(known.Cabinet, r.Key, r.Journal, s.Now()); err != nil {
		return nil, err
	}
	if err := tx.Cabinets.Enrol(known.Cabinet, masterdata.Hash([]byte(r.Password))); err != nil {
		return nil, err
	}
	if position.Journal == r.Journal {
		return nil, nil
	}
	return s.Cards.Accept(tx, known.Cabinet, position, r.Journal)
}

func (s *Service) papers(tx cloud.Tx, cabinet protocol.CabinetID) (claim.Papers, error) {
	e, err := tx.Cabinets.Enrolment(cabinet)
	if err != nil {
		return claim.Papers{}, err
	}
	papers := claim.Papers{
		V: claim.Version, Cabinet: cabinet, Shard: e.Shard, MQTT: claim.Broker{URL: s.Broker, User: string(cabinet)},
	}
	for key, public := range s.Keys {
		papers.Keys = append(papers.Keys, claim.PublicKey{ID: key, Public: base64.StdEncoding.EncodeToString(public)})
	}
	slices.SortFunc(papers.Keys, func(a, b claim.PublicKey) int { return int(a.ID) - int(b.ID) })
	return papers, nil
}
