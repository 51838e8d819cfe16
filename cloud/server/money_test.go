package server

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

func TestADebtBlocksTheNextOpeningUntilItIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := true
		r := newRigWith(t, func(o *Options) {
			o.PaymentFaults = func(call PaymentCall, _ protocol.UUID) PaymentFault {
				if refuse && (call == cloud.OpCapture || call == cloud.OpPay) {
					return PaymentRefused
				}
				return PaymentWell
			}
		})
		c := r.connect()
		b, _ := r.signIn("+8613900007777")
		var v visitState
		b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &v)
		synctest.Wait()
		c.sells(settle.Line{SKU: "1001", Qty: 2})
		time.Sleep(time.Second)
		b.want(200, "GET", "/api/v1/visits/"+v.ID, "", &v)
		if v.State != "owed" {
			t.Fatalf("got %+v", v)
		}
		b.want(402, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, nil)
		if refused := b.sendWith("POST", "/api/v1/debts/pay", "", "Idempotency-Key", "1"); refused.Code != 402 {
			t.Errorf("a payment that is refused: %d %s", refused.Code, refused.Body)
		}
		refuse = false
		if paid := b.sendWith("POST", "/api/v1/debts/pay", "", "Idempotency-Key", "2"); paid.Code != 200 || !strings.Contains(paid.Body.String(), `"owed_fen":0`) {
			t.Errorf("a payment: %d %s", paid.Code, paid.Body)
		}
		b.want(200, "GET", "/api/v1/visits/"+v.ID, "", &v)
		if v.State != "charged" {
			t.Errorf("got %+v", v)
		}
		b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, nil)
		var csv bytes.Buffer
		day := time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
		lines, err := r.server.Admin().SimulatedStatement(t.Context(), &csv, day)
		if err != nil || lines != 1 || !strings.Contains(csv.String(), ",capture,") || !strings.Contains(csv.String(), ",,400,2,simulated-merchant,CNY") {
			t.Errorf("%d lines, %v:\n%s", lines, err, csv.String())
		}
	})
}

func TestASimulatedProviderCallsBackAndIsBooked(t *testing.T) {
	for _, fault := range []PaymentFault{PaymentLate, PaymentTwice, PaymentDisorder, PaymentForged, PaymentWrongAmount} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failed := map[protocol.UUID]bool{}
				r := newRigWith(t, func(o *Options) {
					o.PaymentFaults = func(call PaymentCall, op protocol.UUID) PaymentFault {
						if call == cloud.OpHold || failed[op] {
							return PaymentWell
						}
						failed[op] = true
						return fault
					}
				})
				c := r.connect()
				b, _ := r.signIn("+8613900007777")
				var v visitState
				b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &v)
				synctest.Wait()
				c.sells(settle.Line{SKU: "1001", Qty: 2})
				time.Sleep(2 * time.Minute)
				b.want(200, "GET", "/api/v1/visits/"+v.ID, "", &v)
				if v.State != "charged" || v.Total != 400 {
					t.Errorf("got %+v", v)
				}
				if forged := b.send("POST", "/api/v1/payments/simulated/callback", `{"state":"done"}`); forged.Code != 401 {
					t.Errorf("a forged call: %d", forged.Code)
				}
			})
		})
	}
}
