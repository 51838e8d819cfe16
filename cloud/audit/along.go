package audit

import "iter"

// along reads a stream beside another one that is in the order of the same key.
type along[K, T any] struct {
	next    func() (T, error, bool)
	stop    func()
	key     func(T) K
	compare func(a, b K) int
	row     T
	held    bool
}

// beside begins to read; stop ends it.
func beside[K, T any](s Stream[T], key func(T) K, compare func(a, b K) int) *along[K, T] {
	next, stop := iter.Pull2(s)
	return &along[K, T]{next: next, stop: stop, key: key, compare: compare}
}

// to hands over the rows before a key, which belong to nothing, and takes those of the key itself.
func (s *along[K, T]) to(key K, orphan func(T) error) (of []T, err error) {
	for {
		row, any, err := s.peek()
		if err != nil || !any {
			return of, err
		}
		switch order := s.compare(s.key(row), key); {
		case order > 0:
			return of, nil
		case order == 0:
			of = append(of, row)
		default:
			if err := orphan(row); err != nil {
				return of, err
			}
		}
		s.held = false
	}
}

// rest hands over the rows that are left.
func (s *along[K, T]) rest(orphan func(T) error) error {
	for {
		row, any, err := s.peek()
		if err != nil || !any {
			return err
		}
		if err := orphan(row); err != nil {
			return err
		}
		s.held = false
	}
}

func (s *along[K, T]) peek() (row T, any bool, err error) {
	if s.held {
		return s.row, true, nil
	}
	row, err, any = s.next()
	if err != nil || !any {
		return row, false, err
	}
	s.row, s.held = row, true
	return row, true, nil
}

// one takes the next row of a key; false where there is none left of it.
func (s *along[K, T]) one(key K, orphan func(T) error) (row T, any bool, err error) {
	for {
		row, any, err = s.peek()
		if err != nil || !any {
			return row, false, err
		}
		switch order := s.compare(s.key(row), key); {
		case order > 0:
			return row, false, nil
		case order == 0:
			s.held = false
			return row, true, nil
		}
		s.held = false
		if err := orphan(row); err != nil {
			return row, false, err
		}
	}
}
