package fleet

import (
	"context"
	"fmt"
	"strconv"

	"allhours/cloud"
	"allhours/protocol"
)

// StoreOf implements cloud.Places.
func (s *Service) StoreOf(ctx context.Context, kind cloud.PlaceKind, id string) (store cloud.StoreID, err error) {
	if kind == cloud.PlaceStore {
		return cloud.StoreID(id), nil
	}
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		store, err = storeOf(tx, kind, id)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("store of %s %q: %w", kind, id, err)
	}
	return store, nil
}

func storeOf(tx cloud.Tx, kind cloud.PlaceKind, id string) (cloud.StoreID, error) {
	if kind == cloud.PlaceCabinet {
		return storeOfCabinet(tx, protocol.CabinetID(id))
	}
	if kind == cloud.PlaceIncident || kind == cloud.PlaceDraft {
		return storeOfNumbered(tx, kind, id)
	}
	key, err := protocol.ParseUUID(id)
	if err != nil {
		return "", protocol.Errorf(cloud.CodeNotFound, "no %s has such an id", kind)
	}
	switch kind {
	case cloud.PlaceRound:
		r, err := tx.Rounds.Find(key)
		return r.Store, err
	case cloud.PlaceDispute:
		d, err := tx.Disputes.Find(key)
		if err != nil {
			return "", err
		}
		return storeOfVisit(tx, d.Visit)
	}
	return storeOfVisit(tx, key)
}

// storeOfNumbered is that of an incident or a draft.
func storeOfNumbered(tx cloud.Tx, kind cloud.PlaceKind, id string) (cloud.StoreID, error) {
	number, err := strconv.ParseUint(id, 10, 31)
	if err != nil {
		return "", protocol.Errorf(cloud.CodeNotFound, "no %s has such a number", kind)
	}
	if kind == cloud.PlaceDraft {
		d, err := tx.Drafts.Find(uint32(number))
		if err != nil {
			return "", err
		}
		return storeOfCabinet(tx, d.Cabinet)
	}
	i, err := tx.Noticed.Find(int(number))
	if err != nil {
		return "", err
	}
	return storeOfCabinet(tx, i.Cabinet)
}

func storeOfVisit(tx cloud.Tx, id protocol.VisitID) (cloud.StoreID, error) {
	v, err := tx.Visits.Find(id)
	if err != nil {
		return "", err
	}
	return storeOfCabinet(tx, v.Cabinet)
}

func storeOfCabinet(tx cloud.Tx, id protocol.CabinetID) (cloud.StoreID, error) {
	c, err := tx.Cabinets.Find(id)
	return c.Store, err
}
