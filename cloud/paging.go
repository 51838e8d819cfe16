package cloud

// StoresShown is how many stores a list of the stores' days has at once.
const StoresShown = 50

// PageOf is the n-th page of a list, from 1, with so many on each; a page beyond the last one is the last one. It gives where it
// begins in the list.
func PageOf[T any](all []T, n, each int) (page []T, first int) {
	last := max((len(all)-1)/each, 0)
	first = min(max(n-1, 0), last) * each
	return all[first:min(first+each, len(all))], first
}
