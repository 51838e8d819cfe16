package crowd

// Every five hundredth visit came to a person. The last ones wait; so does nothing else.
const review = `n % 500 = 0 AND d >= {days.many} - 4`

// answer is about as long as a cabinet's.
const answer = `'{"decision":"bill","lines":[{"sku":"' || {sku} || '","qty":1}],"confidence":0.9987,"rule":"7","why":[{"probability":0.9987,"lines":[{"sku":"' || {sku} ||
	'","qty":1}],"steps":[{"at":4100,"platform":"' || {platform} || '","what":"taken","sku":"' || {sku} || '","qty":-1,"delta_mg":-571000}]},{"probability":0.0009,"lines":[],"steps":[{"at":4100,"platform":"' ||
	{platform} || '","what":"object_gone","delta_mg":-571000}]}],"levels":[{"platform":"' || {platform} || '","weight_mg":4120000,"units":[{"sku":"' || {sku} || '","qty":7}]}]}'`

// event is an hour's word of a cabinet.
const event = `'{"v":1,"cabinet":"c-' || c || '","journal":"01900000-0000-7000-8000-000000000001","seq":' || seq || ',"boot":3,"at":' || ({first} + seq * 600000) ||
	',"up":86400123,"clock":true,"type":"alive","body":{"counters":{"openings":' || seq || ',"units":' || seq || ',"fen":' || (seq * 400) || '},"doors":[{"compartment":1,"state":"shut"}],"selling":[true]}}'`

func steps() []step {
	return []step{
		{"visits", `INSERT INTO visits (id, cabinet, compartment, purpose, person, key, origin, price_version, hold_fen, hold_op, outcome, payment, code, command, challenge,
			created_ms, sent_ms, not_after_ms, begun_ms, ended_ms) SELECT {visit}, 'c-' || c, 1, 1, {person}, '', 'cloud', 1, 5000, {hold},
			CASE WHEN ` + review + ` THEN '' ELSE 'sold' END, CASE WHEN ` + review + ` THEN 'review' ELSE 'captured' END, '', '', '', {ms}, {ms}, {ms} + 60000, {ms} + 2000, {ms} + 40000 FROM {visits}`},
		{"orders", `INSERT INTO orders (visit, why, total_fen, answer, hash, at_ms) SELECT {visit}, CASE WHEN n % 500 = 0 THEN 'uncertain' ELSE '' END, {price}, ` + answer + `, '00', {ms} + 41000 FROM {visits}`},
		{"order lines", `INSERT INTO order_lines (visit, line, sku, name_zh, name_en, qty, price_fen) SELECT {visit}, 0, {sku}, '水', 'Water', 1, {price} FROM {visits}`},
		{"holds", `INSERT INTO payment_ops (id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms)
			SELECT {hold}, {visit}, {person}, 'hold', 5000, '', 'done', 1, 0, {ms} FROM {visits}`},
		{"captures", `INSERT INTO payment_ops (id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms)
			SELECT {capture}, {visit}, {person}, 'capture', {price}, {hold}, 'done', 1, 0, {ms} + 42000 FROM {visits}`},
		{"entries of bills", `INSERT INTO ledger_entries (id, at_ms, ref, store, cabinet, day) SELECT {bill}, {ms} + 40000, printf('event:c-%d/01900000-0000-7000-8000-000000000001/%d', c, n / {cabinets} * {each} + 1), {store}, 'c-' || c, {day} FROM {visits}`},
		{"entries of holds", `INSERT INTO ledger_entries (id, at_ms, ref, store, cabinet, day) SELECT {held}, {ms}, 'op:' || {hold}, {store}, 'c-' || c, {day} FROM {visits}`},
		{"entries of captures", `INSERT INTO ledger_entries (id, at_ms, ref, store, cabinet, day) SELECT {captured}, {ms} + 42000, 'op:' || {capture}, {store}, 'c-' || c, {day} FROM {visits}`},
		posting("bill", 0, `'stock:c-' || c || ':' || {platform}`, `'sku:' || {sku}`, "-1", `'stock:c-' || c || ':' || {platform}`),
		posting("bill", 1, `'sold:c-' || c`, `'sku:' || {sku}`, "1", `'sold:c-' || c`),
		posting("bill", 2, `'store:' || {store}`, `'fen'`, "-{price}", money("store")),
		posting("bill", 3, `'due:' || {visit}`, `'fen'`, "{price}", money("due")),
		posting("held", 0, `'resident:' || {person}`, `'fen'`, "-5000", money("resident")),
		posting("held", 1, `'hold:' || {visit}`, `'fen'`, "5000", money("hold")),
		posting("captured", 0, `'due:' || {visit}`, `'fen'`, "-{price}", money("due")),
		posting("captured", 1, `'provider'`, `'fen'`, "{price}", money("provider")),
		posting("captured", 2, `'hold:' || {visit}`, `'fen'`, "-5000", money("hold")),
		posting("captured", 3, `'resident:' || {person}`, `'fen'`, "5000", money("resident")),
		{"days of stock", `INSERT INTO ledger_days (pile, unit, day, change, closing)
			SELECT 'stock:c-' || c || ':' || {platform}, 'sku:' || {sku}, {day}, CASE WHEN d = 0 THEN {opening} ELSE 0 END - 1, {opening} - d - 1 FROM {days}`},
		{"days of sales", `INSERT INTO ledger_days (pile, unit, day, change, closing) SELECT 'sold:c-' || c, 'sku:' || {sku}, {day}, 1, d + 1 FROM {days}`},
		{"days of openings", `INSERT INTO ledger_days (pile, unit, day, change, closing) SELECT 'opening:c-' || c, 'sku:' || {sku}, {day}, -{opening}, -{opening} FROM {days} WHERE d = 0`},
		{"days of turnover", `INSERT INTO ledger_days (pile, unit, day, change, closing)
			SELECT ` + money("store") + `, 'fen', {day}, -{articles} * {price}, -{articles} * {price} * (d + 1) FROM {days} WHERE k = 0`},
		{"days of captures", `INSERT INTO ledger_days (pile, unit, day, change, closing)
			SELECT ` + money("provider") + `, 'fen', {day}, {articles} * {price}, {articles} * {price} * (d + 1) FROM {days} WHERE k = 0`},
		{"days of what came to nothing", `INSERT INTO ledger_days (pile, unit, day, change, closing)
			SELECT kind || ':' || {store} || ':c-' || c, 'fen', {day}, 0, 0 FROM {days}, (SELECT 'due' AS kind UNION SELECT 'hold' UNION SELECT 'resident') WHERE k = 0`},
		{"piles", `INSERT INTO ledger_piles (pile, unit) SELECT DISTINCT pile, unit FROM ledger_days`},
		{"balances", `INSERT INTO ledger_balances (account, unit, amount) SELECT pile, unit, closing FROM ledger_days WHERE day = (SELECT MAX(day) FROM ledger_days) AND (pile LIKE 'stock:%' OR pile LIKE 'sold:%')`},
		{"totals", `INSERT INTO day_totals (day, store, cabinet, visits, orders, gross_fen, net_fen, cost_fen, back_fen, refunded_fen, owed_fen, waste_fen, shrink_fen, lost_fen,
			sold_out_ms, reviewed_ms, walked_ms, open_ms, covered_ms, uncovered_ms, unknown_ms, causes, made_ms)
			SELECT {day}, {store}, 'c-' || c, {articles}, {articles}, {articles} * {price}, {articles} * {price} * 100 / 113, {articles} * 230, 0, 0, 0, c % 7 * 100, d % 5 * 60, 0,
			c % 11 * 3600000, c % 3 * 60000, 600000, 0, 0, 0, 0, CASE WHEN (c + d) % 5 = 0 THEN '{"unknown":{"missing_fen":230,"more_fen":0}}' ELSE '{}' END, {now} FROM {days} WHERE k = 0
			UNION ALL SELECT {day}, {store}, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3600000, 54000000, 32000000, 400000, 0, '{}', {now} FROM {days} WHERE k = 0 AND c % ({cabinets} / {stores}) = 0`},
		{"levels", `INSERT INTO day_levels (cabinet, day, platform, at_ms, counts)
			SELECT 'c-' || c, {day}, {platform}, {first} + (d + 1) * 86400000 - 1800000,
			json_group_object(CAST({sku} AS TEXT), json_object('qty', {opening} - d - 1 - (c + k + d) % 37 / 36, 'low', {opening} - d - 1 - (c + k + d) % 37 / 36, 'high', {opening} - d - 1 - (c + k + d) % 37 / 36)) FROM {days} GROUP BY c, d, k % 4`},
		{"files of the provider", `INSERT INTO statements (sum, name, by_name, at_ms, lines, added) VALUES ('00', 'statement.csv', 'owner', {now}, {visits.many}, {visits.many})`},
		{"lines of the provider", `INSERT INTO statement_lines (id, file, at_ms, day, kind, order_number, refund_number, amount_fen, fee_fen, merchant, currency, op, store)
			SELECT {capture}, '00', {ms} + 42000, {day}, 'capture', replace({hold}, '-', ''), '', {price} + (n % 997 = 0), {fee}, 'simulated', 'CNY', {hold}, {store} FROM {visits} WHERE n % 499 <> 0`},
		{"incidents", `INSERT INTO incidents (cabinet, kind, subject, detail, count, first_ms, last_ms, closed_ms, number, opened_ms)
			SELECT 'c-' || c, CASE k % 3 WHEN 0 THEN 'key_opening' WHEN 1 THEN 'scale_fault' ELSE 'moved_shut' END, {platform}, 'x', 1, {first} + d * 86400000 + 1000, {first} + d * 86400000 + 1000,
			CASE WHEN d >= {days.many} - 1 THEN 0 ELSE {first} + d * 86400000 + 3600000 END,
			ROW_NUMBER() OVER (ORDER BY d, c, k), {first} + d * 86400000 + 2000 FROM {days} WHERE k < 3 AND (c + d) % 9 = 0`},
		{"stories of incidents", `INSERT INTO incident_steps (id, number, at_ms, did, by_name, whom, cause, words) SELECT number, number, opened_ms, 'opened', '', '', '', '' FROM incidents`},
		{"journals", `INSERT INTO journals (cabinet, journal, applied, seen, placed_ms) SELECT id, '01900000-0000-7000-8000-000000000001', {events}, {events}, {now} FROM cabinets`},
		{"inbox", `INSERT INTO inbox (cabinet, journal, seq, hash, at_ms, event)
			WITH RECURSIVE c(c) AS (SELECT 0 UNION ALL SELECT c + 1 FROM c WHERE c < {cabinets} - 1), s(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < {events})
			SELECT 'c-' || c, '01900000-0000-7000-8000-000000000001', seq, '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', {first} + seq * 600000, ` + event + ` FROM c, s`},
	}
}

func money(kind string) string { return `'` + kind + `:' || {store} || ':c-' || c` }

func posting(entry string, line int, account, unit, amount, pile string) step {
	return step{"postings of " + entry, `INSERT INTO ledger_postings (entry, line, account, unit, amount, pile)
		SELECT {` + entry + `}, ` + string(rune('0'+line)) + `, ` + account + `, ` + unit + `, ` + amount + `, ` + pile + ` FROM {visits}`}
}
