package doctor

// Scale is what a scale showed while it was watched.
type Scale struct{}
