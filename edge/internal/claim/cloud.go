package claim

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"allhours/protocol"
	"allhours/protocol/claim"
)

const (
	answerWithin = 30 * time.Second
	maxAnswer    = 64 << 10 // bytes
)

// cloud is where the claim is sent.
type cloud struct {
	base        *url.URL
	client      *http.Client
	authorities []byte // PEM; nil: the system's
}

func newCloud(address, ca string) (*cloud, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("--cloud %q: want https://host of the fleet's pages", address)
	}
	if base.Scheme == "http" && !onThisMachine(base.Hostname()) {
		return nil, fmt.Errorf("--cloud %s: the cloud could be anybody there: want https://", address)
	}
	c := &cloud{base: base}
	trusted := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		if c.authorities, err = os.ReadFile(ca); err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		trusted.RootCAs = x509.NewCertPool()
		if !trusted.RootCAs.AppendCertsFromPEM(c.authorities) {
			return nil, fmt.Errorf("--ca: no certificate in %s", ca)
		}
	}
	c.client = &http.Client{
		Timeout: answerWithin, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trusted},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func onThisMachine(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// claim sends the request. What the cloud refuses it for has the cloud's own code.
func (c *cloud) claim(ctx context.Context, r claim.Request) (claim.Papers, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return claim.Papers{}, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath("/api/v1/claim").String(), bytes.NewReader(body))
	if err != nil {
		return claim.Papers{}, err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Accept-Language", "en")
	answer, err := c.client.Do(post)
	if err != nil {
		return claim.Papers{}, fmt.Errorf("ask the cloud: %w; the same code may be used again", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return claim.Papers{}, fmt.Errorf("read the answer: %w; the same code may be used again", err)
	}
	if answer.StatusCode != http.StatusOK {
		return claim.Papers{}, refusal(answer.StatusCode, raw)
	}
	return papersOf(raw)
}

// refusal is what the cloud said against the claim.
func refusal(status int, raw []byte) error {
	var p struct {
		Code   protocol.Code `json:"code"`
		Title  string        `json:"title"`
		Detail string        `json:"detail"`
	}
	if err := json.Unmarshal(raw, &p); err != nil || p.Code == "" {
		return fmt.Errorf("the cloud answered %d %s: is --cloud the address of the fleet's pages?", status, http.StatusText(status))
	}
	if p.Detail != "" {
		p.Title += ": " + p.Detail
	}
	return protocol.Errorf(p.Code, "%s", p.Title)
}

func papersOf(raw []byte) (claim.Papers, error) {
	var papers claim.Papers
	if err := json.Unmarshal(raw, &papers); err != nil {
		return papers, fmt.Errorf("the cloud's papers cannot be read: %w", err)
	}
	if papers.V != claim.Version {
		return papers, protocol.Errorf(protocol.CodeUnsupported, "papers of version %d: want %d; a newer agent may know them", papers.V, claim.Version)
	}
	if err := papers.Cabinet.Validate(); err != nil {
		return papers, fmt.Errorf("papers: %w", err)
	}
	_, err := papers.GrantKeys()
	return papers, err
}

// broker is where the papers lead. A broker without a name is where the cloud is.
func (c *cloud) broker(papers claim.Papers) (*url.URL, error) {
	broker, err := url.Parse(papers.MQTT.URL)
	if err != nil || broker.Port() == "" {
		return nil, fmt.Errorf("the cloud names the broker as %q: want tls://host:port; fleetd --cabinets-mqtt tells it", papers.MQTT.URL)
	}
	if broker.Hostname() == "" {
		broker.Host = c.base.Hostname() + ":" + broker.Port()
	}
	return broker, nil
}
