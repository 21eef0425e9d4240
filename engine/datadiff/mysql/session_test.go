package mysql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// cutEvenly checks that borders ascend, cut all rows, and cut them into parts of at most most rows.
func cutEvenly(t *testing.T, s dialect.Session, r *dialect.Relation, in dialect.Range, keys []dialect.Key, total, most int64) {
	t.Helper()
	var ranges []dialect.Range
	lo := in.Lo
	for _, k := range keys {
		ranges = append(ranges, dialect.Range{Lo: lo, Hi: k})
		lo = k
	}
	ranges = append(ranges, dialect.Range{Lo: lo, Hi: in.Hi})
	sum := int64(0)
	small := 0
	if err := s.Fingerprints(t.Context(), r, dialect.Portable, ranges, func(i int, f dialect.Fingerprint) error {
		sum += f.Rows
		if f.Rows > most {
			t.Errorf("part %d of %d has %d rows; at most %d were wanted", i, len(ranges), f.Rows, most)
		}
		if f.Rows == 0 {
			t.Errorf("part %d of %d is empty", i, len(ranges))
		}
		if f.Rows < most/8 {
			small++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if sum != total {
		t.Errorf("the parts hold %d of %d rows", sum, total)
	}
	if small > 2+len(ranges)/4 {
		t.Errorf("%d of %d parts are small", small, len(ranges))
	}
}

func TestBoundsCutEvenly(t *testing.T) {
	d := open(t)
	fill := "SELECT seq, seq FROM seq_1_to_50000"
	cases := []struct {
		name, create, insert string
		rows                 int64
	}{
		{"int", "id INT PRIMARY KEY, v INT", fill, 50_000},
		{"with an outlier at 9e18", "id BIGINT PRIMARY KEY, v INT", fill + " UNION ALL SELECT 9000000000000000000, 1", 50_001},
		{"negative", "id BIGINT PRIMARY KEY, v INT", "SELECT CAST(seq AS SIGNED)*1000003-40000000000, seq FROM seq_1_to_50000", 50_000},
		{"unsigned 64", "id BIGINT UNSIGNED PRIMARY KEY, v INT", "SELECT 18446744073709551615-seq, seq FROM seq_1_to_50000", 50_000},
		{"text", "id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, v INT", "SELECT CONCAT('user_', seq, '@Ex', md5(seq)), seq FROM seq_1_to_50000", 50_000},
		{"latin1 text", "id VARCHAR(40) CHARACTER SET latin1 PRIMARY KEY, v INT", "SELECT CONCAT('é', md5(seq)), seq FROM seq_1_to_50000", 50_000},
		{"uuid bytes", "id BINARY(16) PRIMARY KEY, v INT", "SELECT UNHEX(MD5(seq)), seq FROM seq_1_to_50000", 50_000},
		{"timestamp", "id DATETIME(6) PRIMARY KEY, v INT", "SELECT TIMESTAMP'2020-01-01 00:00:00' + INTERVAL seq*seq MINUTE, seq FROM seq_1_to_50000", 50_000},
		{"decimal", "id DECIMAL(20,5) PRIMARY KEY, v INT", "SELECT seq/7, seq FROM seq_1_to_50000", 50_000},
		{"composite", "a INT, b VARCHAR(20), PRIMARY KEY (a, b)", "SELECT seq DIV 100, seq FROM seq_1_to_50000", 50_000},
		{"composite with a crowd", "a INT, b INT, PRIMARY KEY (a, b)", "SELECT IF(seq < 40000, 7, seq), seq FROM seq_1_to_50000", 50_000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			run(t, d, "DROP TABLE IF EXISTS test.bounds", "CREATE TABLE test.bounds ("+c.create+")", "SET NAMES utf8mb4", "INSERT INTO test.bounds "+c.insert, "ANALYZE TABLE test.bounds")
			s := openSession(t, d)
			r := relation(t, d, "test.bounds")
			keys, err := s.Bounds(t.Context(), r, dialect.Range{}, 2000, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(keys) < 15 || len(keys) > 120 {
				t.Errorf("%d borders for %d rows in parts of 2000", len(keys), c.rows)
			}
			cutEvenly(t, s, r, dialect.Range{}, keys, c.rows, 6000)
			// Exactly, within one of these parts and the whole.
			if keys, err = s.Bounds(t.Context(), r, dialect.Range{}, 3000, true); err != nil {
				t.Fatal(err)
			}
			cutEvenly(t, s, r, dialect.Range{}, keys, c.rows, 6000)
			in := dialect.Range{Lo: keys[2], Hi: keys[4]}
			inside, err := s.Bounds(t.Context(), r, in, 500, true)
			if err != nil {
				t.Fatal(err)
			}
			if len(inside) < 6 {
				t.Errorf("%d borders inside of a part", len(inside))
			}
			cutEvenly(t, s, r, in, inside, 6000, 1000)
		})
	}
}

func TestBoundsOfManyEqualKeysAndNoIndex(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.dup", "CREATE TABLE test.dup (k INT, i INT, KEY (k))", "INSERT INTO test.dup SELECT IF(seq < 5000, 1, IF(seq < 9000, 2, NULL)), seq FROM seq_1_to_10000")
	s := openSession(t, d)
	r := relation(t, d, "test.dup")
	for name, key := range map[string]string{"index": "k", "none": "i"} {
		r.Key, r.Columns = []dialect.Field{{Column: *r.Table.Column(key), Form: dialect.Int}}, nil
		keys, err := s.Bounds(t.Context(), r, dialect.Range{}, 1000, true)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, k := range keys {
			got = append(got, words(k))
		}
		want := "2"
		if key == "i" {
			want = "1001 2001 3001 4001 5001 6001 7001 8001 9001"
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
	r.Key = []dialect.Field{{Column: *r.Table.Column("k"), Form: dialect.Int}}
	if n := len(stream(t, s, r, dialect.Range{Null: true})); n != 1001 {
		t.Errorf("%d rows with NULL in the key", n)
	}
	if n := len(stream(t, s, r, dialect.Range{})); n != 8999 {
		t.Errorf("%d rows with a key", n)
	}
}

// plan returns type, key and rows of a plan.
func plan(t *testing.T, d *Database, statement string) string {
	t.Helper()
	rows, err := d.ask(t.Context(), "EXPLAIN FORMAT=JSON "+statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return rows[0][0].text
}

func TestRangesAndLookUpsUseTheIndex(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.comp, test.words", "SET NAMES utf8mb4",
		"CREATE TABLE test.comp (a INT, b VARCHAR(20) COLLATE utf8mb4_general_ci, c INT, v INT, PRIMARY KEY (a, b, c))",
		"INSERT INTO test.comp SELECT seq DIV 10, CONCAT('k', seq MOD 10), seq, seq FROM seq_1_to_20000",
		"CREATE TABLE test.words (w VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german2_ci PRIMARY KEY, v INT)",
		"INSERT INTO test.words SELECT CONCAT('ü', seq), seq FROM seq_1_to_20000", "ANALYZE TABLE test.comp, test.words")
	s := openSession(t, d)
	r := relation(t, d, "test.comp")
	key := func(a int64, b string, c int64) dialect.Key {
		return canon.AppendInt(canon.AppendText(canon.AppendInt(nil, a), b), c)
	}
	in := dialect.Range{Lo: key(100, "k3", 1003), Hi: key(102, "k5", 1025)}
	where, err := condition(r, in)
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, d, "SELECT * FROM "+from(r, true)+where)
	if !strings.Contains(p, `"access_type": "range"`) || !strings.Contains(p, `"key": "PRIMARY"`) {
		t.Error(p)
	}
	if got := stream(t, s, r, in); len(got) != 22 {
		t.Errorf("%d rows: %v", len(got), got)
	}
	var keys []dialect.Key
	for i := int64(0); i < 600; i++ {
		keys = append(keys, key(i, "k5", i*10+5))
	}
	found, err := lookUp(r, keys[:300])
	if err != nil || !found.indexed {
		t.Fatal(found, err)
	}
	if p := plan(t, d, "SELECT * FROM "+from(r, true)+found.where(r)); !strings.Contains(p, `"access_type": "range"`) {
		t.Error(p)
	}
	n := 0
	if err := s.Fetch(t.Context(), r, append(keys, key(-1, "none", 0)), func([]byte, int) error { n++; return nil }); err != nil || n != 600 {
		t.Errorf("%d rows fetched, %v", n, err)
	}

	r = relation(t, d, "test.words")
	lo, hi := canon.AppendText(nil, "ü1000"), canon.AppendText(nil, "ü1001")
	if where, err = condition(r, dialect.Range{Lo: lo, Hi: hi}); err != nil {
		t.Fatal(err)
	}
	if p := plan(t, d, "SELECT * FROM "+from(r, false)+where); !strings.Contains(p, `"access_type": "range"`) {
		t.Error(p)
	}
	if got := stream(t, s, r, dialect.Range{Lo: lo, Hi: hi}); len(got) != 11 {
		t.Errorf("%d rows: %v", len(got), got)
	}
	n = 0
	if err := s.Fetch(t.Context(), r, []dialect.Key{lo, hi, canon.AppendText(nil, "日本")}, func([]byte, int) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d rows fetched, %v", n, err)
	}
}

func TestNativeHashTellsRowsApart(t *testing.T) {
	d := open(t)
	makeNasty(t, d)
	run(t, d, "DROP TABLE IF EXISTS test.floats", "CREATE TABLE test.floats (id INT PRIMARY KEY, f FLOAT, g DOUBLE, m FLOAT(7,2))",
		"INSERT INTO test.floats VALUES (1, 12499.875, 1e-15, 1.23), (2, 12499.876, 9e-15, 1.24), (3, 0.1, 0.1, 0), (4, -0e0, -0e0, 0), (5, 0, 0, 0), (6, 16777216, 1.7976931348623157e308, 1), (7, 16777217e0, 5e-324, 1), (8, 16777218, 0.30000000000000004, 1), (9, 16777218, 0.3, 1)")
	s := openSession(t, d)
	for _, table := range []string{"test.nasty", "test.floats"} {
		r := relation(t, d, table)
		id, ok, err := d.NativeHash(t.Context(), r)
		if err != nil || !ok || !strings.Contains(id, "probe=") {
			t.Fatal(id, ok, err)
		}
		var ranges []dialect.Range
		for i := int64(1); i < 10; i++ {
			ranges = append(ranges, dialect.Range{Lo: canon.AppendInt(nil, i), Hi: canon.AppendInt(nil, i+1)})
		}
		// Without the key, so that rows are told apart by their values.
		values := &dialect.Relation{Table: r.Table, Key: r.Key, Columns: r.Columns}
		hash := s.(*session).d.hashExpr(dialect.Native, values.Columns, columnRef)
		rows, err := d.ask(t.Context(), "SELECT id, "+hash+" FROM "+table+" ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		cells := map[string]string{}
		for _, line := range stream(t, s, r, dialect.Range{}) {
			id, rest, _ := strings.Cut(line, "|")
			cells[id] = rest
		}
		for i, a := range rows {
			for _, b := range rows[:i] {
				if equalCells, equalHash := cells[a[0].text] == cells[b[0].text], a[1].text == b[1].text; equalCells != equalHash {
					t.Errorf("%s: rows %s and %s: equal cells %t, equal hashes %t\n%s\n%s", table, a[0].text, b[0].text, equalCells, equalHash, cells[a[0].text], cells[b[0].text])
				}
			}
		}
		if err := s.Fingerprints(t.Context(), r, dialect.Native, ranges, func(int, dialect.Fingerprint) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJoinFindsWhatDiffers(t *testing.T) {
	d := open(t)
	columns := "(k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, f FLOAT, v VARCHAR(20), n INT, at DATETIME)"
	run(t, d, "DROP TABLE IF EXISTS test.ja", "CREATE DATABASE IF NOT EXISTS test2", "DROP TABLE IF EXISTS test2.jb", "CREATE TABLE test.ja "+columns, "CREATE TABLE test2.jb "+columns,
		"INSERT INTO test.ja VALUES ('same', 0.1, 'x', NULL, '0000-00-00'), ('Case', 1, 'x', 1, NULL), ('value', 1, 'x', 1, NULL), ('blank', 1, 'x', 1, NULL), ('null', 1, NULL, 1, NULL), ('only a', 1, 'x', 1, NULL), ('out', 1, 'x', 99, NULL)",
		"INSERT INTO test2.jb VALUES ('same', 0.1, 'x', NULL, '0000-00-00'), ('case', 1, 'x', 1, NULL), ('value', 1, 'X', 1, NULL), ('blank', 1, 'x ', 1, NULL), ('null', 1, '', 1, NULL), ('only b', 1, 'x', 1, NULL), ('out', 1, 'y', 99, NULL)")
	s := openSession(t, d)
	a, b := relation(t, d, "test.ja"), relation(t, d, "test2.jb")
	a.Where, b.Where = "n IS NULL OR n < 50", "n IS NULL OR n < 50"
	var got []string
	if err := s.Join(t.Context(), a, b, func(side int, cells []byte, key int) error {
		got = append(got, fmt.Sprintf("%d %s", side, words(cells[:key])))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	want := []string{"0 Case", "0 blank", "0 null", "0 only a", "0 value", "1 blank", "1 case", "1 null", "1 only b", "1 value"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	a.Columns[0].Form, b.Columns[0].Form = dialect.JSON, dialect.JSON
	if err := s.Join(t.Context(), a, b, nil); !errors.Is(err, dialect.ErrCannot) {
		t.Error(err)
	}
}

func TestSnapshotIsSharedUntilReleased(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.snap", "CREATE TABLE test.snap (id INT PRIMARY KEY)", "INSERT INTO test.snap VALUES (1), (2)")
	r := relation(t, d, "test.snap")
	position, release, err := d.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("position %q", position)
	run(t, d, "INSERT INTO test.snap VALUES (3)")
	for range snapshotConnections {
		if n := len(stream(t, openSession(t, d), r, dialect.Range{})); n != 2 {
			t.Errorf("a session of the snapshot reads %d rows", n)
		}
	}
	if _, err := d.Open(t.Context()); !errors.Is(err, dialect.ErrNoSnapshot) {
		t.Error(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if n := len(stream(t, openSession(t, d), r, dialect.Range{})); n != 3 {
		t.Errorf("a session after the release reads %d rows", n)
	}
}

func TestApplyIsAllOrNothing(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.repair", "CREATE TABLE test.repair (id INT AUTO_INCREMENT PRIMARY KEY, v TINYINT, s VARCHAR(20))", "INSERT INTO test.repair VALUES (1, 1, 'a'), (2, 2, 'b')")
	r := relation(t, d, "test.repair")
	calls := 0
	if err := d.Apply(t.Context(), dialect.Statements(
		"UPDATE test.repair SET v = 1 WHERE id = 1", // changes nothing, and has met its row
		"INSERT INTO test.repair VALUES (0, 5, 'zero')",
		"DELETE FROM test.repair WHERE id = 2",
	), func() { calls++ }); err != nil || calls != 3 {
		t.Fatal(calls, err)
	}
	want := []string{"0|5|zero", "1|1|a"}
	if got := stream(t, openSession(t, d), r, dialect.Range{}); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	var unmet *dialect.UnmetError
	if err := d.Apply(t.Context(), dialect.Statements("UPDATE test.repair SET v = 9 WHERE id = 1", "DELETE FROM test.repair WHERE id = 77"), nil); !errors.As(err, &unmet) || unmet.Rows != 0 {
		t.Error(err)
	}
	if err := d.Apply(t.Context(), dialect.Statements("UPDATE test.repair SET v = 9 WHERE id = 1", "UPDATE test.repair SET v = 1000 WHERE id = 0"), nil); err == nil {
		t.Error("a value that does not fit was applied")
	}
	if got := stream(t, openSession(t, d), r, dialect.Range{}); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// What a literal writes is read as the cell that it was made of.
func TestLiteralsWriteWhatWasRead(t *testing.T) {
	d := open(t)
	makeNasty(t, d)
	run(t, d, "DROP TABLE IF EXISTS test.copy", "CREATE TABLE test.copy LIKE test.nasty")
	r := relation(t, d, "test.nasty")
	fields := r.Fields()
	var statements, want []string
	s := openSession(t, d)
	if err := s.Stream(t.Context(), r, dialect.Range{}, func(cells []byte, _ int) error {
		want = append(want, words(cells))
		lits := make([]string, len(fields))
		for i, f := range fields {
			cell, rest, err := canon.Next(cells)
			if err != nil {
				return err
			}
			if lits[i], err = d.Literal(f.Column, cell); err != nil {
				return err
			}
			cells = rest
		}
		statements = append(statements, "INSERT INTO test.copy ("+list(fields, columnRef)+") VALUES ("+strings.Join(lits, ", ")+")")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Apply(t.Context(), dialect.Statements(statements...), nil); err != nil {
		t.Fatal(err)
	}
	if got := stream(t, s, relation(t, d, "test.copy"), dialect.Range{}); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestGenerateAndMeasures(t *testing.T) {
	d := open(t)
	makeNasty(t, d)
	s := openSession(t, d)
	r := relation(t, d, "test.nasty")
	for _, n := range []int64{1, 10, 12_345} {
		got := int64(0)
		if err := s.Generate(t.Context(), r, n, func([]byte, int) error { got++; return nil }); err != nil || got != n {
			t.Errorf("%d of %d rows, %v", got, n, err)
		}
		for _, h := range []dialect.Hash{dialect.Native, dialect.Portable} {
			if err := s.GenerateHash(t.Context(), r, h, n); err != nil {
				t.Error(err)
			}
		}
	}
	if err := s.Throughput(t.Context(), 10<<20); err != nil {
		t.Error(err)
	}
	if took, err := s.RoundTrip(t.Context()); err != nil || took <= 0 {
		t.Error(took, err)
	}
}

func TestCancelEndsPromptlyAndOnTheServerToo(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.slow", "CREATE TABLE test.slow (id INT PRIMARY KEY)", "INSERT INTO test.slow VALUES (1), (2)")
	r := relation(t, d, "test.slow")
	r.Where = "SLEEP(30) = 0"
	s := openSession(t, d)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := s.Stream(ctx, r, dialect.Range{}, func([]byte, int) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 2*time.Second || d.Temporary(err) {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	d.kills.Wait()
	time.Sleep(50 * time.Millisecond)
	rows, err := d.ask(t.Context(), "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(30)%' AND INFO NOT LIKE '%PROCESSLIST%'")
	if err != nil || rows[0][0].text != "0" {
		t.Error(rows, err)
	}
}

func TestTimeoutIsTemporaryAndSaysWhatToDo(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.slow", "CREATE TABLE test.slow (id INT PRIMARY KEY)", "INSERT INTO test.slow VALUES (1), (2)")
	limited, err := Open(t.Context(), d.url, database.Options{StatementTimeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer limited.Close()
	r := relation(t, d, "test.slow")
	r.Where = "SLEEP(5) = 0"
	err = openSession(t, limited).Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { return nil })
	if err == nil || !d.Temporary(err) || !strings.Contains(err.Error(), "raise the timeout") {
		t.Error(err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	d := open(t)
	if _, err := d.Table(t.Context(), dialect.TableName{Name: "nowhere"}); !errors.Is(err, dialect.ErrNoTable) {
		t.Error(err)
	}
	run(t, d, "DROP TABLE IF EXISTS test.gone", "CREATE TABLE test.gone (id INT PRIMARY KEY, v VARCHAR(36) CHARACTER SET utf8mb4)", "INSERT INTO test.gone VALUES (1, 'no uuid')")
	r := relation(t, d, "test.gone")
	r.Columns[0].Form = dialect.UUID
	err := openSession(t, d).Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `column v: "no uuid" is no UUID`) {
		t.Error(err)
	}
	for where, want := range map[string]string{"nonsense = 1": "the column is not there", "id = ?": "stands for a parameter"} {
		r.Where = where
		err := openSession(t, d).Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) || d.Temporary(err) {
			t.Error(err)
		}
	}
	r.Where = ""
	run(t, d, "DROP TABLE test.gone")
	err = openSession(t, d).Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { return nil })
	if !errors.Is(err, dialect.ErrNoTable) {
		t.Error(err)
	}
}

func TestALostConnectionIsTemporary(t *testing.T) {
	d := open(t)
	s := openSession(t, d)
	run(t, d, fmt.Sprintf("KILL %d", s.(*session).c.id))
	_, err := s.RoundTrip(t.Context())
	if err == nil || !d.Temporary(err) {
		t.Error(err)
	}
}

func TestValuesOf64MB(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.big", "CREATE TABLE test.big (id INT PRIMARY KEY, b LONGBLOB)", "INSERT INTO test.big VALUES (1, REPEAT('x', 10)), (3, 'y')")
	c, err := d.connect(t.Context(), database.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, s := range []string{"SET GLOBAL max_allowed_packet = 134217728"} {
		if _, err := c.exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	run(t, d, "INSERT INTO test.big VALUES (2, REPEAT('0123456789abcdef', 4*1024*1024))")
	want := bytes.Repeat([]byte("0123456789abcdef"), 4*1024*1024)
	n := 0
	if err := openSession(t, d).Stream(t.Context(), relation(t, d, "test.big"), dialect.Range{}, func(cells []byte, key int) error {
		if n++; n == 2 && !bytes.Equal(canon.Content(cells[key:]), want) {
			t.Error("other bytes")
		}
		return nil
	}); err != nil || n != 3 {
		t.Error(n, err)
	}
}

// The hash of MariaDB is what its comment says that it is.
func TestCRCHash(t *testing.T) {
	d := open(t)
	if !d.crc32c {
		t.Skip("the server has no CRC32C")
	}
	for _, text := range []string{"", "a", "10:customer-1", strings.Repeat("x", 1000)} {
		ieee, castagnoli := crc32.ChecksumIEEE([]byte(text)), crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli))
		want := strconv.FormatUint(uint64(ieee)*2654435761^uint64(castagnoli)*2246822507, 10)
		rows, err := d.ask(t.Context(), "SELECT CAST("+crcHash("'"+text+"'")+" AS CHAR)")
		if err != nil || rows[0][0].text != want {
			t.Errorf("%.20q: %v, %v, want %s", text, rows, err, want)
		}
	}
}

// UUIDs in a text that minds case are looked up in all cases by the index.
func TestLookUpOfTextUUIDsTakesTheIndex(t *testing.T) {
	d := open(t)
	if !d.mariadb {
		t.Skip("it takes MariaDB's sequences and its form of a plan")
	}
	run(t, d, "DROP TABLE IF EXISTS test.ids", "CREATE TABLE test.ids (k CHAR(36) COLLATE utf8mb4_bin PRIMARY KEY, v INT)",
		"INSERT INTO test.ids SELECT CONCAT(SUBSTR(MD5(seq), 1, 8), '-', SUBSTR(MD5(seq), 9, 4), '-4aaa-8bbb-', SUBSTR(MD5(seq), 13, 12)), seq FROM seq_1_to_20000",
		"UPDATE test.ids SET k = UPPER(k) WHERE v % 2", "ANALYZE TABLE test.ids")
	r := relation(t, d, "test.ids")
	r.Key[0].Form = dialect.UUID
	s := openSession(t, d)
	var keys []dialect.Key
	if err := s.Stream(t.Context(), r, dialect.Range{}, func(cells []byte, key int) error {
		if len(keys) < 300 {
			keys = append(keys, bytes.Clone(cells[:key]))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	found, err := lookUp(r, keys[:20])
	if err != nil {
		t.Fatal(err)
	}
	if p := plan(t, d, "SELECT * FROM "+from(r, found.indexed)+found.where(r)); !strings.Contains(p, `"access_type": "range"`) {
		t.Error(p)
	}
	n := 0
	began := time.Now()
	if err := s.Fetch(t.Context(), r, keys, func([]byte, int) error { n++; return nil }); err != nil || n != len(keys) {
		t.Errorf("%d of %d rows, %v", n, len(keys), err)
	}
	t.Logf("%d UUIDs of %d rows looked up in %s", n, 20_000, time.Since(began))
}
