package claim

import (
	"context"
	"net/url"

	"allhours/protocol/claim"
)

// Ask claims a cabinet for something that keeps its papers in memory, and gives the broker's address with them.
func Ask(ctx context.Context, address, ca string, r claim.Request) (papers claim.Papers, broker *url.URL, err error) {
	c, err := newCloud(address, ca)
	if err != nil {
		return claim.Papers{}, nil, err
	}
	defer c.client.CloseIdleConnections()
	if papers, err = c.claim(ctx, r); err != nil {
		return papers, nil, err
	}
	broker, err = c.broker(papers)
	return papers, broker, err
}
