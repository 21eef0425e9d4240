package datadiff_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// want compares and wants a verdict and numbers of rows only in A, only in B, and changed.
func want(t *testing.T, a, b datadiff.Side, o datadiff.Options, verdict datadiff.Verdict, onlyA, onlyB, changed int64) compared {
	t.Helper()
	got, err := compare(t, a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != verdict || got.OnlyA != onlyA || got.OnlyB != onlyB || got.Changed != changed {
		t.Errorf("%s: %d only in A, %d only in B, %d changed; want %s: %d, %d, %d\n%.300q", got.Verdict, got.OnlyA, got.OnlyB, got.Changed, verdict, onlyA, onlyB, changed, got.lines)
	}
	return got
}

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// TestHugeCellChild compares the cells of 64 MB and says how much memory that took at most.
func TestHugeCellChild(t *testing.T) {
	childOnly(t)
	a, b := childStore(t, "FAULT_A"), childStore(t, "FAULT_B")
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		want(t, a.side("huge"), b.side("huge"), datadiff.Options{Plan: plan}, datadiff.Equal, 0, 0, 0)
		want(t, a.side("huge_other"), b.side("huge"), datadiff.Options{Plan: plan}, datadiff.Different, 0, 0, 1)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	fmt.Println(string(peak.Find(status)))
}

// A value of 64 MB is compared to its last byte, in memory of a few times its size.
func TestHugeCell(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	const size = 64 << 20
	for i, table := range []string{"huge", "huge_other"} {
		a.exec(t, "drop table if exists "+table, "create table "+table+" (id int primary key, v bytea)",
			fmt.Sprintf("insert into %s values (1, decode(repeat('ab', %d) || 'a%d', 'hex')), (2, 'x')", table, size-1, i))
	}
	b.exec(t, "drop table if exists huge", "create table huge (id int primary key, v longblob)",
		fmt.Sprintf("insert into huge values (1, concat(repeat(x'ab', %d), x'a0')), (2, 'x')", size-1))
	out, err := child(t, "TestHugeCellChild", "FAULT_A="+a.url, "FAULT_B="+b.url).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	found := peak.FindSubmatch(out)
	if found == nil {
		t.Skipf("the system does not tell the memory of a process\n%s", out)
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("two cells of 64 MiB took %d MiB at most", kib>>10)
	if kib > 600<<10 && !raced {
		t.Errorf("two cells of 64 MiB took %d MiB, more than 600", kib>>10)
	}
}

// Tables as wide as PostgreSQL and MariaDB allow.
func TestManyColumns(t *testing.T) {
	all := stores(t)
	pg, my := all[dialect.Postgres], all[dialect.MySQL]
	wide := func(n int) (columns, values string) {
		var c, v strings.Builder
		for i := 1; i < n; i++ {
			fmt.Fprintf(&c, ", c%d int", i)
			fmt.Fprintf(&v, ", n + %d", i)
		}
		return c.String(), v.String()
	}
	columns, values := wide(1600)
	for _, table := range []string{"wide_a", "wide_b"} {
		pg.exec(t, "drop table if exists "+table, "create table "+table+" (id int primary key"+columns+")",
			"insert into "+table+" select n"+values+" from generate_series(1, 100) n", "analyze "+table)
	}
	pg.exec(t, "update wide_b set c1599 = null where id = 50")
	for _, plan := range datadiff.Plans {
		t.Run("1600 "+string(plan), func(t *testing.T) {
			if plan == datadiff.Join {
				got, err := compare(t, pg.side("wide_a"), pg.side("wide_b"), datadiff.Options{Plan: plan})
				wantFailure(t, got, err, "plan join cannot be used.*columns of both sides")
				plan = "" // what the planner chooses works
			}
			want(t, pg.side("wide_a"), pg.side("wide_b"), datadiff.Options{Plan: plan}, datadiff.Different, 0, 0, 1)
			want(t, pg.side("wide_a"), pg.side("wide_a"), datadiff.Options{Plan: plan}, datadiff.Equal, 0, 0, 0)
		})
	}
	columns, values = wide(1000)
	pg.exec(t, "drop table wide_a, wide_b", "create table wide_a (id int primary key"+columns+")",
		"insert into wide_a select n"+values+" from generate_series(1, 100) n")
	my.exec(t, "drop table if exists wide_a", "create table wide_a (id int primary key"+columns+") engine = InnoDB row_format = dynamic",
		"insert into wide_a select n"+values+" from (select seq n from seq_1_to_100) s")
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		t.Run("1000 "+string(plan), func(t *testing.T) {
			want(t, pg.side("wide_a"), my.side("wide_a"), datadiff.Options{Plan: plan}, datadiff.Equal, 0, 0, 0)
			my.exec(t, "update wide_a set c999 = 0 where id = 7")
			want(t, pg.side("wide_a"), my.side("wide_a"), datadiff.Options{Plan: plan}, datadiff.Different, 0, 0, 1)
			my.exec(t, "update wide_a set c999 = id + 999 where id = 7")
		})
	}
}

// Bytes that are no UTF-8 are a difference where the other side has text, and equal to themselves.
func TestInvalidText(t *testing.T) {
	all := stores(t)
	pg, my, lite := all[dialect.Postgres], all[dialect.MySQL], all[dialect.SQLite]
	pg.exec(t, "drop table if exists invalid", "create table invalid (id int primary key, v text)",
		"insert into invalid values (1, 'plain'), (2, 'é'), (3, U&'a\\FFFDb'), (4, 'a?b')")
	for _, table := range []string{"invalid", "invalid_copy"} {
		lite.exec(t, "create table "+table+" (id integer primary key, v text)",
			"insert into "+table+" values (1, 'plain'), (2, 'é'), (3, cast(x'61ff62' as text)), (4, cast(x'61c328' as text))")
	}
	my.exec(t, "drop table if exists invalid, latin", "create table invalid (id int primary key, v varchar(20) character set utf8mb3)",
		"insert into invalid values (1, 'plain'), (2, 'é'), (3, 'a\uFFFDb'), (4, 'a?b')",
		"create table latin (id int primary key, v varchar(20) character set latin1)",
		// As an application writes that calls its UTF-8 latin1, and a byte that cp1252 does not have.
		"insert into latin values (1, 'plain'), (2, x'c3a9'), (3, x'61ff62'), (4, x'618162')")
	o := datadiff.Options{}
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, ""} {
		o.Plan = plan
		want(t, pg.side("invalid"), my.side("invalid"), o, datadiff.Equal, 0, 0, 0)
		want(t, pg.side("invalid"), my.side("latin"), o, datadiff.Different, 0, 0, 3)
		want(t, lite.side("invalid"), lite.side("invalid_copy"), o, datadiff.Equal, 0, 0, 0)
		want(t, pg.side("invalid"), lite.side("invalid"), o, datadiff.Different, 0, 0, 2)
		want(t, lite.side("invalid"), my.side("latin"), o, datadiff.Different, 0, 0, 3)
	}
}

// A zero date is no date and no NULL.
func TestZeroDates(t *testing.T) {
	all := stores(t)
	pg, my := all[dialect.Postgres], all[dialect.MySQL]
	for _, table := range []string{"zero", "zero_copy"} {
		my.exec(t, "drop table if exists "+table, "create table "+table+" (id int primary key, d date, m datetime)")
	}
	my.exec(t, "set sql_mode = ''")
	for _, table := range []string{"zero", "zero_copy"} {
		my.exec(t, "insert ignore into "+table+" values (1, '0000-00-00', '0000-00-00 00:00:00'), (2, '2024-00-10', '2024-01-00 00:00:00'), (3, '2024-01-10', '2024-01-10 00:00:00')",
			"update ignore "+table+" set d = '0000-00-00', m = '0000-00-00 00:00:00' where id = 1")
	}
	for _, values := range []string{"(1, null, null)", "(1, '1970-01-01', '1970-01-01')", "(1, '0001-01-01', '0001-01-01')", "(1, '0001-01-01 BC', '0001-01-01 BC')"} {
		for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
			t.Run(values+" "+string(plan), func(t *testing.T) {
				pg.exec(t, "drop table if exists zero", "create table zero (id int primary key, d date, m timestamp)", "insert into zero values "+values)
				want(t, pg.side("zero"), my.side("zero"), datadiff.Options{Plan: plan, Selection: datadiff.Selection{WhereB: "id = 1"}}, datadiff.Different, 0, 0, 1)
			})
		}
	}
	for _, plan := range datadiff.Plans {
		want(t, my.side("zero"), my.side("zero_copy"), datadiff.Options{Plan: plan}, datadiff.Equal, 0, 0, 0)
	}
}

func TestGeneratedColumns(t *testing.T) {
	all := stores(t)
	pg, my := all[dialect.Postgres], all[dialect.MySQL]
	pg.exec(t, "drop table if exists computed", "create table computed (id int primary key, v int, twice int generated always as (v * 2) stored, more int generated always as (v + 1) stored)",
		"insert into computed (id, v) select n, n from generate_series(1, 500) n")
	my.exec(t, "drop table if exists computed", "create table computed (id int primary key, v int, twice int as (v * 2) virtual, more int as (v + 1) persistent)",
		"insert into computed (id, v) select seq, seq from seq_1_to_500")
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		got := want(t, pg.side("computed"), my.side("computed"), datadiff.Options{Plan: plan}, datadiff.Equal, 0, 0, 0)
		if len(got.Pairing.Columns) != 4 {
			t.Errorf("%d columns were compared, want 4", len(got.Pairing.Columns))
		}
	}
	my.exec(t, "alter table computed modify twice int as (if(id = 9, 0, v * 2)) virtual")
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
		want(t, pg.side("computed"), my.side("computed"), datadiff.Options{Plan: plan}, datadiff.Different, 0, 0, 1)
	}
}

// An empty table and a full one, with so little memory that rows without a partner go to disk.
func TestEmptyAgainstFull(t *testing.T) {
	all := stores(t)
	pg, my, lite := all[dialect.Postgres], all[dialect.MySQL], all[dialect.SQLite]
	const n = 30_000
	for _, s := range []*store{pg, my, lite} {
		for _, key := range []string{"", " primary key"} {
			name := "void" + map[bool]string{true: "_keyed"}[key != ""]
			s.exec(t, "drop table if exists "+name, "create table "+name+" (id varchar(20) not null"+key+", v varchar(20))")
		}
	}
	pg.exec(t, "drop table if exists filled, filled_keyed", "create table filled as select 'id ' || n as id, 'v' || n as v from generate_series(1, 30000) n",
		"create table filled_keyed as table filled", "alter table filled_keyed add primary key (id)", "analyze")
	my.exec(t, "drop table if exists filled, filled_keyed", "create table filled as select concat('id ', seq) as id, concat('v', seq) as v from seq_1_to_30000",
		"create table filled_keyed (id varchar(20) primary key, v varchar(20)) as select * from filled")
	for _, suffix := range []string{"", "_keyed"} {
		t.Run("tables"+suffix, func(t *testing.T) {
			o := datadiff.Options{Memory: 128 << 10, TempDir: t.TempDir()}
			for _, empty := range []*store{pg, my, lite} {
				for _, full := range []*store{pg, my} {
					a := want(t, empty.side("void"+suffix), full.side("filled"+suffix), o, datadiff.Different, 0, n, 0)
					b := want(t, full.side("filled"+suffix), empty.side("void"+suffix), o, datadiff.Different, n, 0, 0)
					if suffix == "" && (a.Spilled == 0 || b.Spilled == 0) {
						t.Errorf("%d and %d bytes were spilled: the test does not test", a.Spilled, b.Spilled)
					}
				}
				for _, other := range []*store{pg, my, lite} {
					want(t, empty.side("void"+suffix), other.side("void"+suffix), o, datadiff.Equal, 0, 0, 0)
				}
			}
			want(t, pg.side("filled"+suffix), my.side("filled"+suffix), o, datadiff.Equal, 0, 0, 0)
			if left, err := os.ReadDir(o.TempDir); err != nil || len(left) > 0 {
				t.Errorf("%d files are left: %v", len(left), err)
			}
		})
	}
}

// Partitioned tables, views and materialized views are read as the rows that they show.
func TestPartitionsAndViews(t *testing.T) {
	all := stores(t)
	pg, my, lite := all[dialect.Postgres], all[dialect.MySQL], all[dialect.SQLite]
	pg.exec(t, "drop table if exists parted, plain cascade", "create table parted (id int primary key, v text) partition by range (id)",
		"create table parted_1 partition of parted for values from (minvalue) to (1000)",
		"create table parted_2 partition of parted for values from (1000) to (2000)",
		"create table parted_3 partition of parted default",
		"insert into parted select n, 'v' || n from generate_series(1, 3000) n",
		"create table plain as select * from parted", "alter table plain add primary key (id)",
		"create view shown as select * from plain", "create materialized view kept as select * from plain", "create unique index on kept (id)", "analyze")
	my.exec(t, "drop view if exists shown", "drop table if exists parted", "create table parted (id int primary key, v varchar(20)) partition by hash (id) partitions 4",
		"insert into parted select seq, concat('v', seq) from seq_1_to_3000", "create view shown as select * from parted")
	lite.exec(t, "create table plain (id integer primary key, v text)",
		"with recursive s(n) as (select 1 union all select n + 1 from s where n < 3000) insert into plain select n, 'v' || n from s",
		"create view shown as select * from plain")
	sides := map[string]datadiff.Side{
		"partitions of PostgreSQL": pg.side("parted"), "partitions of MariaDB": my.side("parted"),
		"view of PostgreSQL": pg.side("shown"), "view of MariaDB": my.side("shown"), "view of SQLite": lite.side("shown"), "materialized view": pg.side("kept"),
	}
	for _, key := range [][]string{{"id"}, nil} {
		for name, side := range sides {
			t.Run(fmt.Sprintf("%s by %v", name, key), func(t *testing.T) {
				o := datadiff.Options{Selection: datadiff.Selection{Key: key}, RangeRows: 300}
				want(t, side, lite.side("plain"), o, datadiff.Equal, 0, 0, 0)
				want(t, pg.side("plain"), side, o, datadiff.Equal, 0, 0, 0)
				o.WhereA = "id <> 1500"
				want(t, pg.side("plain"), side, o, datadiff.Different, 0, 1, 0)
			})
		}
	}
}
