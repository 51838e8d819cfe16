// Package photo keeps pictures of goods that are thrown away. Of a picture it keeps what is to be seen on it: nothing of what a
// phone writes beside it, such as where it was taken, comes that far. It refuses what is no picture.
package photo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// Options are what the service stands on; all are needed.
type Options struct {
	DB    cloud.DB
	Now   func() time.Time
	NewID func() protocol.UUID
}

// Service implements cloud.RoundPhotos.
type Service struct {
	Options
	turn chan struct{} // a large picture takes much memory while it is decoded: one at a time
}

// New makes a service.
func New(o Options) *Service { return &Service{Options: o, turn: make(chan struct{}, 1)} }

// maxKey bounds a photo's key in bytes.
const maxKey = 100

// Keep implements cloud.RoundPhotos.
func (s *Service) Keep(ctx context.Context, k cloud.KeepPhoto) (p cloud.RoundPhoto, err error) {
	if k.By == "" || k.Key == "" || len(k.Key) > maxKey {
		return p, protocol.Errorf(protocol.CodeMalformed, "want a key of 1 to %d bytes, and who took the photo", maxKey)
	}
	picture, err := s.small(ctx, k.Picture)
	if err != nil {
		return p, fmt.Errorf("photo of round %s: %w", k.Round, err)
	}
	sum := sha256.Sum256(picture)
	p = cloud.RoundPhoto{Round: k.Round, Place: k.Place, Person: k.Person, By: k.By, Key: k.Key, Sum: hex.EncodeToString(sum[:])}
	err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		known, found, err := tx.Photos.ByKey(k.Round, k.Key)
		if err != nil {
			return err
		}
		if !found {
			return s.add(tx, &p, picture)
		}
		if known.Place != p.Place || known.Sum != p.Sum {
			return protocol.Errorf(cloud.CodeKeyReused, "the key was used for another photo")
		}
		p = known
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("photo of round %s: %w", k.Round, err)
	}
	return p, nil
}

// add keeps a picture with its round, which may be over by now: it was kept on the phone where there was no network.
func (s *Service) add(tx cloud.Tx, p *cloud.RoundPhoto, picture []byte) error {
	round, err := tx.Rounds.Find(p.Round)
	if err != nil {
		return err
	}
	if round.State != cloud.RoundUnderWay && round.State != cloud.RoundDone {
		return protocol.Errorf(cloud.CodeRoundState, "round %s is %s: no photo now", round.ID, round.State)
	}
	if round.Line(p.Place) == nil {
		return protocol.Errorf(cloud.CodeNotAStop, "%s on %s of %s is no lane of the round", p.SKU, p.Platform, p.Cabinet)
	}
	all, err := tx.Photos.List(cloud.PhotoQuery{Round: p.Round})
	if err != nil {
		return err
	}
	if len(all) >= cloud.MaxRoundPhotos {
		return protocol.Errorf(cloud.CodeRoundState, "round %s has %d photos: no more", round.ID, len(all))
	}
	p.ID, p.At, p.Store, p.Day = s.NewID(), s.Now().UTC().Truncate(time.Millisecond), round.Store, round.Day
	return tx.Photos.Add(*p, picture)
}

// Photos implements cloud.RoundPhotos.
func (s *Service) Photos(ctx context.Context, q cloud.PhotoQuery) (all []cloud.RoundPhoto, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Photos.List(q)
		return err
	})
	return all, err
}

// Picture implements cloud.RoundPhotos.
func (s *Service) Picture(ctx context.Context, sum string) (picture []byte, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		var found bool
		if picture, found, err = tx.Photos.Picture(sum); err == nil && !found {
			return protocol.Errorf(cloud.CodeNotFound, "there is no such picture")
		}
		return err
	})
	return picture, err
}
