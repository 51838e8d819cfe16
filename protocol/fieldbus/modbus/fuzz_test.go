package modbus_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"allhours/protocol/fieldbus/modbus"
)

// FuzzParseRequest holds that a board never crashes on noise, always makes progress, and understands only frames that it
// could have sent itself.
func FuzzParseRequest(f *testing.F) {
	for _, c := range exchanges() {
		f.Add(unhex(f, c.frame))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		req, n, err := modbus.ParseRequest(stream)
		if n < 0 || n > len(stream) || (n == 0) != errors.Is(err, modbus.ErrShort) {
			t.Fatalf("%d of %d bytes with %v", n, len(stream), err)
		}
		if errors.Is(err, modbus.ErrShort) && len(stream) >= modbus.MaxFrame+3 {
			t.Fatalf("waits for more after %d bytes", len(stream))
		}
		if err != nil {
			return
		}
		again, err := req.AppendFrame(nil)
		if err != nil || !bytes.Equal(again, stream[:n]) {
			t.Fatalf("% X became %+v and then % X, %v", stream[:n], req, again, err)
		}
	})
}

// FuzzParseReply holds that a master never crashes on noise and that what it accepts is what the board would have built.
func FuzzParseReply(f *testing.F) {
	for _, c := range exchanges() {
		if frame, err := c.req.AppendFrame(nil); err == nil {
			f.Add(frame, unhex(f, c.reply))
		}
	}
	f.Fuzz(func(t *testing.T, frame, received []byte) {
		req, _, err := modbus.ParseRequest(frame)
		if err != nil {
			return
		}
		need, needErr := req.ReplyNeed(received)
		if needErr == nil && (need < 5 || need > modbus.MaxFrame) {
			t.Fatalf("needs %d bytes for %+v", need, req)
		}
		reply, err := req.ParseReply(received)
		var refusal modbus.Exception
		if err != nil && !errors.As(err, &refusal) {
			return
		}
		req.Unit = received[0]
		if refusal == 0 && received[1]&0x80 != 0 {
			return // An exception of code 0 is a refusal that no board of ours builds.
		}
		if again := rebuild(req, reply.Data, refusal); !bytes.Equal(again, received) {
			t.Fatalf("accepted % X, a board would send % X", received, again)
		}
	})
}

// rebuild is answer for data whose last byte may carry bits beyond the quantity, which a board may set as it likes.
func rebuild(req modbus.Request, data []byte, refusal modbus.Exception) []byte {
	if refusal == 0 && (req.Function == modbus.ReadCoils || req.Function == modbus.ReadInputs) {
		head := []byte{req.Unit, byte(req.Function), byte(len(data))}
		return modbus.AppendCRC(append(head, data...), 0)
	}
	return answer(req, data, refusal)
}

// FuzzRoundTrip holds for any request within the limits that the board reads what the master sent, and the master what
// the board answered, however the bytes are split.
func FuzzRoundTrip(f *testing.F) {
	f.Add(byte(1), byte(0), uint16(0x200), uint16(7), []byte{1, 2, 3, 4})
	f.Add(byte(1), byte(2), uint16(0), uint16(16), []byte{})
	f.Add(byte(9), byte(7), uint16(94), uint16(2), []byte{0, 1, 0, 2})
	f.Fuzz(func(t *testing.T, unit, which byte, address, quantity uint16, data []byte) {
		functions := []modbus.Function{1, 2, 3, 4, 5, 6, 0x0F, 0x10}
		req := modbus.Request{Unit: unit, Function: functions[int(which)%len(functions)], Address: address, Quantity: quantity}
		switch req.Function {
		case modbus.WriteCoil, modbus.WriteRegister:
			req.Quantity, req.Value = 1, quantity
		case modbus.WriteCoils, modbus.WriteRegisters:
			req.Data = data
		}
		frame, err := req.AppendFrame(nil)
		if err != nil {
			return
		}
		for i := range frame {
			if got, _, err := modbus.ParseRequest(frame[:i]); !errors.Is(err, modbus.ErrShort) {
				t.Fatalf("%d of %d bytes were read as %+v, %v", i, len(frame), got, err)
			}
		}
		got, n, err := modbus.ParseRequest(frame)
		if err != nil || n != len(frame) || !reflect.DeepEqual(got, req) {
			t.Fatalf("sent %+v, understood %+v, %v", req, got, err)
		}
		checkReplies(t, req, data)
	})
}

func checkReplies(t *testing.T, req modbus.Request, data []byte) {
	t.Helper()
	reply := answer(req, data, 0)
	if len(reply) != req.ReplyLen() {
		t.Fatalf("a reply of %d bytes, expected %d", len(reply), req.ReplyLen())
	}
	for i := range reply {
		if need, err := req.ReplyNeed(reply[:i]); err != nil || need <= i {
			t.Fatalf("%d of %d bytes: needs %d, %v", i, len(reply), need, err)
		}
	}
	if _, err := req.ParseReply(reply); err != nil {
		t.Fatalf("the reply % X to %+v: %v", reply, req, err)
	}
	reply[len(reply)-1] ^= 0x40
	if _, err := req.ParseReply(reply); !errors.Is(err, modbus.ErrChecksum) {
		t.Fatalf("a spoilt reply: %v", err)
	}
}
