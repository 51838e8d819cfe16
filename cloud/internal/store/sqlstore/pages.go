package sqlstore

import "iter"

// pageRows is how many rows are read at once: between two pages the connection is free for other statements.
const pageRows = 500

// pages reads rows in pages: ask reads the page behind a row, the first one behind the zero row.
func pages[T any](ask func(after T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var after T
		for {
			page, err := ask(after)
			if err != nil {
				yield(after, err)
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
			}
			if len(page) < pageRows {
				return
			}
			after = page[len(page)-1]
		}
	}
}

// stream reads the rows of one statement as they come. Nothing else may use the connection meanwhile.
func stream[T any](s *session, read func(scanner) (T, error), query string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var nothing T
		statement, err := s.prepared(query)
		if err != nil {
			yield(nothing, err)
			return
		}
		rows, err := statement.Query()
		if err != nil {
			yield(nothing, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := read(rows)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nothing, err)
		}
	}
}
