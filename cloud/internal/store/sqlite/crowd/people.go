package crowd

// What the steps of this file stand for: residents, what persons decided about visits, and what they did at the cabinets.
const (
	objected = `n % 1000 = 1`               // a visit whose resident objects
	ruled    = `d < {days.many} - 3`        // and was told that nothing comes back
	counted  = `(c + d) % 7 = 0`            // on such a day somebody counts a platform
	decided  = `d < {days.many} - 4`        // a review that somebody decided, as the cabinet had guessed
	allDone  = `n % 500 = 0 AND ` + decided // the other ones wait
)

// peopleSteps need no entries in the books: nothing of it moved money or goods.
func peopleSteps() []step {
	return []step{
		{"residents", `INSERT INTO residents (id, pseudonym, phone_mac, phone_sealed, masked, created_ms)
			WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n < {people} - 1)
			SELECT {person}, printf('%032x', n), printf('%064x', n), printf('%080x', n), '138****' || substr(10000 + n % 10000, 2), {first} FROM r`},
		{"top-ups that were refused", `INSERT INTO payment_ops (id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms)
			WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n < {people} * 5 - 1)
			SELECT {topup}, NULL, {person}, 'topup', 5000, '', 'refused', 1, 0, {first} + n * 1000 FROM r`},
		{"decisions", `INSERT INTO decisions (visit, by_name, at_ms, story, waived, total_fen) SELECT {visit}, 'manager', {ms} + 7200000, 0, FALSE, {price} FROM {visits} WHERE ` + allDone},
		{"lines of decisions", `INSERT INTO decision_lines (visit, line, sku, name_zh, name_en, qty, price_fen) SELECT {visit}, 0, {sku}, '水', 'Water', 1, {price} FROM {visits} WHERE ` + allDone},
		{"looks at cases", `INSERT INTO review_openings (visit, by_name, opened_ms, seen_ms) SELECT {visit}, 'manager', {ms} + 7150000, {ms} + 7200000 FROM {visits} WHERE ` + allDone},
		{"objections", `INSERT INTO disputes (id, visit, person, at_ms, by_name, key) SELECT {dispute}, {visit}, {person}, {ms} + 3600000, '', '' FROM {visits} WHERE ` + objected},
		{"lines of objections", `INSERT INTO dispute_lines (dispute, line, sku, qty, why) SELECT {dispute}, 0, {sku}, 1, 'not_taken' FROM {visits} WHERE ` + objected},
		{"open objections", `INSERT INTO open_disputes (visit, dispute, at_ms) SELECT {visit}, {dispute}, {ms} + 3600000 FROM {visits} WHERE ` + objected + ` AND NOT ` + ruled},
		{"rulings", `INSERT INTO rulings (dispute, visit, person, by_name, role, at_ms, refund_fen, waived_fen)
			SELECT {dispute}, {visit}, {person}, 'manager', 'manager', {ms} + 7200000, 0, 0 FROM {visits} WHERE ` + objected + ` AND ` + ruled},
		{"lines of rulings", `INSERT INTO ruling_lines (dispute, line, sku, qty, amount_fen, goods, platform)
			SELECT {dispute}, 0, {sku}, 1, 0, 'sold', '' FROM {visits} WHERE ` + objected + ` AND ` + ruled},
		{"notes", `INSERT INTO actions (id, at_ms, by_name, role, kind, visit, dispute, amount_fen) SELECT {action}, {ms} + 5000000, 'support', 'support', 'note', {visit}, '', 0 FROM {visits} WHERE ` + objected},
		{"words of objections", `INSERT INTO words (kind, id, person, visit, at_ms, text) SELECT 'objection', {dispute}, {person}, {visit}, {ms} + 3600000, 'x' FROM {visits} WHERE ` + objected},
		{"words of rulings", `INSERT INTO words (kind, id, person, visit, at_ms, text)
			SELECT 'ruling', {dispute}, {person}, {visit}, {ms} + 7200000, 'x' FROM {visits} WHERE ` + objected + ` AND ` + ruled},
		{"words of notes", `INSERT INTO words (kind, id, person, visit, at_ms, text) SELECT 'note', {action}, {person}, {visit}, {ms} + 5000000, 'x' FROM {visits} WHERE ` + objected},
		{"counts", `INSERT INTO movements (id, kind, store, cabinet, person, by_name, key, reason, note, corrects, at_ms, lines)
			SELECT printf('01900010-0000-7000-8000-%012x', d * {cabinets} + c), 'count', {store}, 'c-' || c, '', 'manager', '', '', '', '', {first} + (d + 1) * 86400000 - 1000,
			json_object('from', 'stock:c-' || c || ':P1', 'to', 'lost', 'lines', json_group_array(json_object('sku', CAST({sku} AS TEXT), 'qty', {opening} - d - 1)))
			FROM {days} WHERE k % 4 = 0 AND ` + counted + ` GROUP BY c, d`},
		{"tasks", `INSERT INTO tasks (id, cabinet, kind, args, by_name, asked_ms, expires_ms, done_ms, code, detail, result)
			SELECT printf('01900011-0000-7000-8000-%012x', k * {cabinets} + c), 'c-' || c, 'log', '{}', 'technician', {now} - k * 3600000, {now}, {now} - k * 3600000 + 1000, 'ok', '', zeroblob(2000) FROM {days} WHERE d = 0`},
		{"hand-overs", `INSERT INTO handovers (id, cabinet, by_name, at_ms, points) SELECT printf('01900012-0000-7000-8000-%012x', c), 'c-' || c, 'technician', {first}, '[]' FROM {days} WHERE d = 0 AND k = 0`},
	}
}
