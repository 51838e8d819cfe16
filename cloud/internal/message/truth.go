package message

import (
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// telling is a message as it is told: what it tells of may have changed since it was written down.
type telling struct {
	cloud.OutMessage
	rest protocol.Fen // what its reader still owes in all
}

// truth tells a message as things are now. Why is not empty where it is true no more, and is then not sent. What was said of
// a bill or of a ruling was said on that day and stays true.
func truth(tx cloud.Tx, m cloud.OutMessage) (t telling, why cloud.MessageWhy, err error) {
	t.OutMessage = m
	switch m.Kind {
	case cloud.MessageReceipt:
		w, err := tx.Wishes.Find(m.Person)
		if err != nil || w.Receipts {
			return t, "", err
		}
		return t, cloud.MessageUnwanted, nil
	case cloud.MessageDebt, cloud.MessageDebtLast:
		return debtNow(tx, t)
	case cloud.MessageDebtPaid:
		owed, err := tx.Ledger.Balance(ledger.Debt(m.Person), ledger.Fen)
		if t.rest = protocol.Fen(owed); t.rest > 0 {
			t.Kind = cloud.MessageDebtRest
		}
		return t, "", err
	case cloud.MessageRefundRefused:
		back, err := cameBack(tx, m)
		if err != nil || !back {
			return t, "", err
		}
		return t, cloud.MessageOver, nil
	case cloud.MessageDisputeRefused:
		over, err := overruled(tx, m)
		if err != nil || !over {
			return t, "", err
		}
		return t, cloud.MessageOverruled, nil
	}
	return t, "", nil
}

// debtNow tells what is owed of the visit now, if anything is.
func debtNow(tx cloud.Tx, t telling) (telling, cloud.MessageWhy, error) {
	debts, err := tx.Debts.Of(t.Person)
	if err != nil {
		return t, "", err
	}
	for _, d := range debts {
		if d.Visit == t.Visit {
			t.Amount = d.Amount
			return t, "", nil
		}
	}
	return t, cloud.MessageOver, nil
}

// factOf reads the id in a message's ref; false where there is none.
func factOf(m cloud.OutMessage) (protocol.UUID, bool) {
	_, text, _ := strings.Cut(m.Ref, ":")
	id, err := protocol.ParseUUID(text)
	return id, err == nil
}

// cameBack reports that the provider has given back meanwhile what it had refused.
func cameBack(tx cloud.Tx, m cloud.OutMessage) (bool, error) {
	op, is := factOf(m)
	if !is {
		return false, nil
	}
	dispute, found, err := tx.Refunds.Of(op)
	if err != nil || !found {
		return false, err
	}
	d, err := tx.Disputes.Find(dispute)
	if err != nil || d.Ruling == nil {
		return false, err
	}
	return d.Returned() >= d.Ruling.Refund, nil
}

// overruled reports that an objection was refused, and that one of the same visit was granted after it.
func overruled(tx cloud.Tx, m cloud.OutMessage) (bool, error) {
	refused, is := factOf(m)
	all, err := tx.Disputes.Of(m.Visit)
	if err != nil || !is {
		return false, err
	}
	after := false
	for _, d := range all {
		if after && d.Ruling != nil && d.Ruling.Total() > 0 {
			return true, nil
		}
		after = after || d.ID == refused
	}
	return false, nil
}
