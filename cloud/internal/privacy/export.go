package privacy

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Export implements cloud.OwnData.
func (s *Service) Export(ctx context.Context, resident protocol.UUID) (d cloud.PersonalData, err error) {
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		if d, err = tx.Persons.Own(resident); err != nil {
			return err
		}
		for _, read := range []func(cloud.Tx, *cloud.PersonalData) error{said, money, visits} {
			if err := read(tx, &d); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return d, fmt.Errorf("export of a resident: %w", err)
	}
	for _, v := range d.Visits {
		here, err := s.Recordings.Has(v.ID)
		if err != nil {
			return d, fmt.Errorf("export of a resident: %w", err)
		}
		if here {
			d.Traces = append(d.Traces, v.ID)
		}
	}
	return d, nil
}

func said(tx cloud.Tx, d *cloud.PersonalData) error {
	all, err := tx.Consents.Of(d.ID)
	if err != nil {
		return err
	}
	d.Consents = make([]cloud.OwnConsent, 0, len(all))
	for _, c := range all {
		d.Consents = append(d.Consents, cloud.OwnConsent(c))
	}
	wishes, err := tx.Wishes.Find(d.ID)
	if err != nil {
		return err
	}
	d.Language, d.Receipts = wishes.Lang, wishes.Receipts
	if d.Messages, err = tx.Persons.Messages(d.ID); err != nil {
		return err
	}
	d.Remarks, err = tx.Persons.Remarks(d.ID)
	return err
}

func money(tx cloud.Tx, d *cloud.PersonalData) (err error) {
	if d.Payments, err = tx.Persons.Payments(d.ID); err != nil {
		return err
	}
	for into, account := range map[*protocol.Fen]ledger.Account{&d.Owed: ledger.Debt(d.ID), &d.Balance: ledger.Prepaid(d.ID)} {
		balance, err := tx.Ledger.Balance(account, ledger.Fen)
		if err != nil {
			return err
		}
		*into = protocol.Fen(max(balance, -balance))
	}
	return nil
}

// visits lists all of a resident's with their bills.
func visits(tx cloud.Tx, d *cloud.PersonalData) error {
	list, err := tx.Visits.List(cloud.VisitQuery{Person: d.ID})
	if err != nil {
		return err
	}
	places := map[protocol.CabinetID]cloud.Text{}
	d.Visits = make([]cloud.OwnVisit, 0, len(list))
	for _, v := range list {
		place, known := places[v.Cabinet]
		if !known {
			cabinet, err := tx.Cabinets.Find(v.Cabinet)
			if err != nil && protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
				return err
			}
			place = cabinet.Place
			places[v.Cabinet] = place
		}
		own := cloud.OwnVisit{
			ID: v.ID, Number: v.Number(), Cabinet: v.Cabinet, Place: place, Began: v.Created, Ended: v.Ended, State: v.State(), Total: v.Total,
			Lines: make([]cloud.OwnLine, 0, len(v.Lines)),
		}
		for _, l := range v.Lines {
			own.Lines = append(own.Lines, cloud.OwnLine(l))
		}
		d.Visits = append(d.Visits, own)
	}
	return nil
}
