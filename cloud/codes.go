package cloud

import "allhours/protocol"

// Codes that only the cloud knows; errors are *protocol.Error on both sides. httpx has the one table from code to status.
const (
	CodeUnknownCabinet protocol.Code = "unknown_cabinet"
	CodeUnknownVisit   protocol.Code = "unknown_visit"
	CodeNoSession      protocol.Code = "no_session"
	CodeForbidden      protocol.Code = "forbidden"
	CodeCabinetBusy    protocol.Code = "cabinet_busy"
	CodeCabinetAway    protocol.Code = "cabinet_away"
	CodeDoorNotShut    protocol.Code = "door_not_shut"
	CodeDebt           protocol.Code = "debt"
	CodePaymentRefused protocol.Code = "payment_refused"
	CodePaymentUnknown protocol.Code = "payment_unknown"
	CodeBadPhone       protocol.Code = "bad_phone"
	CodeBadCode        protocol.Code = "bad_code"
	CodeBadPassword    protocol.Code = "bad_password"
	CodeTooMany        protocol.Code = "too_many"
	CodeKeyReused      protocol.Code = "idempotency_key_reused"
	CodeBadClaim       protocol.Code = "bad_claim"     // no such claim code, or no longer
	CodeClaimUsed      protocol.Code = "claim_used"    // by another device
	CodeCardRetired    protocol.Code = "card_retired"  // its journal was in force before, or is set apart
	CodeCardApart      protocol.Code = "card_apart"    // of the cabinet: it may be a copy, or there is one
	CodeTooLate        protocol.Code = "too_late"      // to object to a bill
	CodeOverLimit      protocol.Code = "over_limit"    // of what support may give back
	CodeTakenBefore    protocol.Code = "taken_before"  // by the provider, and more than a decision comes to
	CodeManagerRuled   protocol.Code = "manager_ruled" // a manager or an owner has ruled on it: support leaves that as it is
	CodeConflict       protocol.Code = "conflict"
	CodeDayNotOver     protocol.Code = "day_not_over"  // a day is closed after its end
	CodeDayClosed      protocol.Code = "day_closed"    // already, or a later one is
	CodeDayBefore      protocol.Code = "day_before"    // an earlier one is to be closed first
	CodeFiguresMoved   protocol.Code = "figures_moved" // since the person looked at them
	CodeNoteNeeded     protocol.Code = "note_needed"   // something is still open
	CodeNotFound       protocol.Code = "not_found"
	CodeBadData        protocol.Code = "bad_data"       // master data with faults, each of which is named
	CodeChanged        protocol.Code = "changed"        // by somebody else, since it was looked at
	CodeAgeUnverified  protocol.Code = "age_unverified" // goods are for people of an age that nobody knows of this one
	CodeRoundState     protocol.Code = "round_state"    // the round, or its stop, is not so far yet, or farther
	CodeNotAStop       protocol.Code = "not_a_stop"     // the cabinet is none of the round's
	CodeWrongCabinet   protocol.Code = "wrong_cabinet"  // another one stands before the restocker
	CodeDateOver       protocol.Code = "date_over"      // what somebody puts into a lane could not be sold any more
	CodeConsentNeeded  protocol.Code = "consent_needed" // to the privacy notice of now
	CodeStillOpen      protocol.Code = "still_open"     // a visit, a case or money of whoever asks to be forgotten
	CodeNoPicture      protocol.Code = "no_picture"     // what was sent cannot be decoded as one, or is too large
	CodePhotoNeeded    protocol.Code = "photo_needed"   // of what is thrown away
	CodeAnswerNeeded   protocol.Code = "answer_needed"  // what was counted and what was weighed or booked differ
	CodeDraftWaits     protocol.Code = "draft_waits"    // the cabinet has the draft of a planogram already
	CodeDraftAtDoor    protocol.Code = "draft_at_door"  // a restocker is setting the draft up
	CodeLaneNotEmpty   protocol.Code = "lane_not_empty" // by the books something lies in a lane that the new planogram takes away
	CodeOtherStores    protocol.Code = "other_stores"   // it would change stores that whoever asks is not for
	CodeRolloutBarred  protocol.Code = "rollout_barred" // a cabinet cannot be changed, so none is
	CodeSecondStep     protocol.Code = "second_step"    // a password alone does not sign in
	CodeBlocked        protocol.Code = "blocked"        // the person, by an owner
	CodeLastOwner      protocol.Code = "last_owner"     // nobody would be left who could undo it

	// Why a visit waits for a human: the cabinet was not sure, the cloud did not know what the settlement names, or the card
	// that knew is gone.
	CodeUncertain      protocol.Code = "uncertain"
	CodeUnknownArticle protocol.Code = "unknown_article"
	CodeUnknownPrice   protocol.Code = "unknown_price"
	CodeNotForSale     protocol.Code = "not_for_sale" // it is not sold in this cabinet now: its date is over
	CodeUnknownPlan    protocol.Code = "unknown_plan"
	CodeCardReplaced   protocol.Code = "card_replaced"
)
