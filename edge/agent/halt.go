package agent

import (
	"allhours/protocol"
	"allhours/protocol/wire"
)

// followHalts stops every compartment while a person of the chain halts the cabinet, and takes that back when nobody does any
// more. The desired state in force says it, and so it holds without a line and across boots.
func (a *Agent) followHalts() {
	for _, code := range []protocol.Code{protocol.CodeOffSale, protocol.CodeLockedOut} {
		halted := a.halted(code)
		for _, d := range a.doors {
			switch stopped := a.stopped(d.number, code); {
			case halted && !stopped:
				a.stop(d.number, code, "by the chain")
			case stopped && !halted:
				a.resume(d.number, code)
			}
		}
	}
}

// halted reports a halt in force. One ends by itself only at a moment that is surely over: a cabinet that does not know the
// time waits for the chain's word.
func (a *Agent) halted(code protocol.Code) bool {
	cfg := a.applied.Load()
	if cfg == nil {
		return false
	}
	least, _ := a.clock.Least()
	for _, h := range cfg.Halts {
		if h.Code == code && (h.Until == 0 || least.IsZero() || least.UnixMilli() < h.Until) {
			return true
		}
	}
	return false
}

// haltsFit reports a halt that this cabinet does not know: one that it could not follow must not pass for one that it does.
func haltsFit(halts []wire.Halt) error {
	for _, h := range halts {
		if !h.Code.Halt() || h.Until < 0 {
			return protocol.Errorf(protocol.CodeMalformed, "halt %q until %d: want off_sale or locked_out, and no less than 0", h.Code, h.Until)
		}
	}
	return nil
}
