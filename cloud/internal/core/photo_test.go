package core_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// picture is a PNG of some grey.
func picture(t *testing.T, grey uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = grey
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAPhotoOfWhatIsThrownAwayIsKeptOnceAndFoundBesideItsEntry(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.planned()
		ask := cloud.KeepPhoto{
			Person: restocker, By: "wang", Round: w.round, Place: picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}, Key: "p1", Picture: picture(t, 40),
		}
		keeps := func(change func(*cloud.KeepPhoto)) error {
			one := ask
			change(&one)
			_, err := r.core.Photos.Keep(t.Context(), one)
			return err
		}
		refuses := func(what string, code protocol.Code, change func(*cloud.KeepPhoto)) {
			if err := keeps(change); protocol.CodeOf(err) != code {
				t.Errorf("%s: %v, want %s", what, err, code)
			}
		}
		refuses("before anything has left the store", cloud.CodeRoundState, func(*cloud.KeepPhoto) {})
		w.leaves()
		first, err := r.core.Photos.Keep(t.Context(), ask)
		w.must(err)
		again, err := r.core.Photos.Keep(t.Context(), ask)
		if err != nil || again != first {
			t.Errorf("once more it is %+v, %v; it was %+v", again, err, first)
		}
		refuses("another picture of the same key", cloud.CodeKeyReused, func(k *cloud.KeepPhoto) { k.Picture = picture(t, 90) })
		refuses("a lane that is none", cloud.CodeNotAStop, func(k *cloud.KeepPhoto) { k.Key, k.SKU = "p2", "9999" })
		refuses("what is no picture", cloud.CodeNoPicture, func(k *cloud.KeepPhoto) { k.Key, k.Picture = "p2", []byte("no") })
		refuses("nobody", protocol.CodeMalformed, func(k *cloud.KeepPhoto) { k.By = "" })
		refuses("a round that is none", cloud.CodeNotFound, func(k *cloud.KeepPhoto) { k.Round = technician })

		w.fills("o1", put("S1", "1001", 2), put("S2", "1003", 2))
		body := laneStep("S1", "1001", 4)
		body.Removed, body.Reason = 2, ledger.Damaged
		w.steps(cloud.RoundCount, body)
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{})
		w.must(keeps(func(k *cloud.KeepPhoto) { k.Key, k.Picture = "late", picture(t, 200) })) // It was kept on a phone without network.

		entries, err := r.core.Wastes.Entries(t.Context(), cloud.WasteQuery{Store: "north", From: r.today(), To: r.today(), SKU: "1001"})
		w.must(err)
		all, err := r.core.Photos.Photos(t.Context(), cloud.PhotoQuery{Store: "north", From: r.today(), To: r.today()})
		w.must(err)
		if len(entries) != 1 || len(all) != 2 || !all[0].Shows(*entries[0].Movement) || all[0].Key != "late" || all[1] != first {
			t.Errorf("entries %+v, photos %+v", entries, all)
		}
		other := first
		other.Platform = "S2"
		if other.Shows(*entries[0].Movement) {
			t.Error("a photo of another lane shows what was thrown away here")
		}
		view, err := r.core.Rounds.Round(t.Context(), w.round)
		if err != nil || len(view.Photos) != 2 {
			t.Errorf("the round has %d photos, %v", len(view.Photos), err)
		}
		if kept, err := r.core.Photos.Picture(t.Context(), first.Sum); err != nil || !bytes.HasPrefix(kept, []byte("\xff\xd8")) {
			t.Errorf("kept %d bytes, %v", len(kept), err)
		}
		if _, err := r.core.Photos.Picture(t.Context(), "none"); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("no picture: %v", err)
		}
		r.check()
	})
}
