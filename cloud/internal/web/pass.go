package web

import (
	"fmt"
	"html/template"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// passView is a grant as it is held before a reader.
type passView struct {
	Code    template.HTML
	Text    string // service: to be given to the cabinet's program by hand
	Ends    moment
	Refused string // why the cabinet did not open when it last saw the code
}

// passOf draws the grant for its owner alone: whoever has it can open the door.
func (v *view) passOf(visit cloud.Visit, who cloud.Principal, loc *time.Location) (*passView, error) {
	if visit.Pass == "" || visit.Person != who.ID {
		return nil, nil
	}
	code, err := qrCode(visit.Pass)
	if err != nil {
		return nil, fmt.Errorf("visit page: %w", err)
	}
	shown := &passView{Code: code, Ends: moment{At: visit.PassEnds.In(loc)}}
	if visit.Purpose == protocol.PurposeService {
		shown.Text = visit.Pass
	}
	if visit.Code != "" {
		shown.Refused = v.tellCode(visit.Code).What
	}
	return shown, nil
}

// tellPassOver tells of a grant that can no longer be shown, while nobody here knows whether it was used.
func (v *view) tellPassOver(view *visitView) {
	view.Told = v.tellState("visit.passed", whole(view.Visit.Hold))
	if view.Visit.Code != "" {
		view.Told.What = v.tellCode(view.Visit.Code).What
	}
	view.Retry = view.Visit.Purpose == protocol.PurposePurchase && !view.Staff
}
