package web

import (
	"fmt"
	"net/url"

	"allhours/cloud"
)

// zoomLeast is how large a part of the map must be to be shown by itself, in millionths of a degree: what is smaller is one place.
const zoomLeast = 200

// has reports a place within the box, or just beyond its edge.
func (b frameBox) has(at cloud.Spot) bool {
	return at.Latitude >= b.South-zoomLeast && at.Latitude <= b.North+zoomLeast && at.Longitude >= b.West-zoomLeast && at.Longitude <= b.East+zoomLeast
}

// zoomPath opens a part of the map; what cannot be told apart however close one looks is told by the list.
func zoomPath(b frameBox) string {
	if b.North-b.South < zoomLeast && b.East-b.West < zoomLeast {
		return "/coverage"
	}
	return fmt.Sprintf("/tonight?map=%d,%d,%d,%d#map", b.South, b.West, b.North, b.East)
}

// readZoom reads the part of the map that an address asks for; nil: all of it. The query is what else asks for the same.
func readZoom(text string) (zoom *frameBox, query string) {
	var b frameBox
	var rest string
	n, _ := fmt.Sscanf(text+" ", "%d,%d,%d,%d%s", &b.South, &b.West, &b.North, &b.East, &rest)
	if n != 4 || b.South > b.North || b.West > b.East {
		return nil, ""
	}
	return &b, "?map=" + url.QueryEscape(fmt.Sprintf("%d,%d,%d,%d", b.South, b.West, b.North, b.East))
}

// storePath is the page of a store.
func storePath(store cloud.StoreID) string { return "/stores/" + url.PathEscape(string(store)) }

// cabinetsPath is the list of the cabinets that a number counts.
func cabinetsPath(store cloud.StoreID, state string) string {
	query := url.Values{}
	if store != "" {
		query.Set("store", string(store))
	}
	if state != "" {
		query.Set("state", state)
	}
	if len(query) == 0 {
		return "/cabinets"
	}
	return "/cabinets?" + query.Encode()
}
