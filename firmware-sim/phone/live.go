package phone

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Of the stream of a visit.
const (
	longestLine  = 1 << 20         // bytes of one state
	connectAgain = 2 * time.Second // after a stream that ended before the visit, as the service asks of browsers
)

// Receipt follows the visit as a page does, by the stream of its states, until it has ended.
func (r *Resident) Receipt(ctx context.Context, id string) (Visit, error) {
	for {
		v, err := r.follow(ctx, id)
		if ctx.Err() != nil {
			return v, fmt.Errorf("visit %s is still %s: %w", id, v.State, ctx.Err())
		}
		if err != nil || v.Ended() {
			return v, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(connectAgain):
		}
	}
}

// follow reads one stream until the visit or the stream has ended.
func (r *Resident) follow(ctx context.Context, id string) (v Visit, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.service+"/api/v1/visits/"+id+"/live", nil)
	if err != nil {
		return v, fmt.Errorf("follow %s: %w", id, err)
	}
	patient := http.Client{Jar: r.client.Jar, Transport: r.client.Transport} // A stream lasts longer than an answer may.
	resp, err := patient.Do(req)
	if err != nil {
		return v, fmt.Errorf("follow %s: %w", id, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return v, fmt.Errorf("follow %s: %s", id, resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		state, is := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !is {
			continue
		}
		v = Visit{}
		if err := json.Unmarshal(state, &v); err != nil {
			return v, fmt.Errorf("follow %s: %w", id, err)
		}
		if v.Ended() {
			return v, nil
		}
	}
	return v, nil
}
