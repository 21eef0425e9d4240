package rewrite

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func server(version ...int) Server {
	s := Server{Product: PostgreSQL}
	copy(s.Version[:], version)
	return s
}

// shop is a schema for the tests of what is refused and of what depends on the version.
func shop(version ...int) Facts {
	orders := Name{"public", "orders"}
	return Facts{Server: server(version...), Tables: []Table{
		{Name: orders, Columns: []Column{{Name: "id", Type: "integer", NotNull: true, StatisticsTarget: -1}, {Name: "amount", Type: "integer", StatisticsTarget: -1}, {Name: "select", Type: "text", StatisticsTarget: -1}},
			Indexes:    []Index{{Name: "orders_pkey", Unique: true, Primary: true, Constraint: "orders_pkey", Method: "btree", Parts: parts([]string{"id"}), Valid: true}},
			Dependents: []Dependent{{Kind: "view", Name: "totals", Columns: []string{"amount"}}}},
		{Name: Name{"public", "log"}, Columns: []Column{{Name: "line", Type: "text"}}},
		{Name: Name{"public", "events"}, Partitioning: &Partitioning{Strategy: "range", Columns: []string{"at", "id"}}},
	}}
}

func TestByVersion(t *testing.T) {
	change := SetNotNull{Name{"", "orders"}, "select"}
	for name, c := range map[string]struct {
		version int
		steps   string
		sql     string
		differs bool
	}{
		"11 keeps the CHECK":     {11, "check validate", `CHECK ("select" IS NOT NULL) NOT VALID`, true},
		"12 proves by the CHECK": {12, "check validate set drop-check", `CHECK ("select" IS NOT NULL) NOT VALID`, false},
		"18 has its own way":     {18, "check validate", `ADD CONSTRAINT orders_select_not_null NOT NULL "select" NOT VALID`, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Build(change, shop(c.version), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, s := range r.Steps {
				ids = append(ids, s.ID)
			}
			if got := strings.Join(ids, " "); got != c.steps {
				t.Errorf("steps %q, want %q", got, c.steps)
			}
			if !strings.Contains(r.Steps[0].SQL[0], c.sql) {
				t.Errorf("the first step is %s", r.Steps[0].SQL[0])
			}
			if (len(r.Differs) > 0) != c.differs {
				t.Errorf("differs: %q", r.Differs)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	orders, log, events := Name{"public", "orders"}, Name{"public", "log"}, Name{"public", "events"}
	for name, c := range map[string]struct {
		change Change
		facts  Facts
		says   string
	}{
		"no version":               {SetNotNull{orders, "amount"}, Facts{Server: Server{Product: PostgreSQL}}, "version"},
		"too old":                  {SetNotNull{orders, "amount"}, shop(10), "PostgreSQL 11 and later"},
		"no key for batches":       {AddColumn{Table: log, Column: "token", Type: "uuid", Default: "gen_random_uuid()", Volatile: true}, shop(15), "no primary key"},
		"unknown table":            {ChangeType{Table: Name{"public", "missing"}, Column: "x", To: "text"}, shop(15), "not known"},
		"a view on the column":     {ChangeType{Table: orders, Column: "amount", To: "bigint"}, shop(15), "view totals"},
		"drop under a view":        {DropColumn{orders, "amount"}, shop(15), "view totals"},
		"same type":                {ChangeType{Table: orders, Column: "id", To: "int4"}, shop(15), "already"},
		"not null without default": {AddColumn{Table: orders, Column: "x", Type: "text", NotNull: true}, shop(15), "have no value"},
		"second primary key":       {AddPrimaryKey{Table: orders, Columns: []string{"amount"}}, shop(15), "already"},
		"foreign key without name": {AddForeignKey{Table: orders, Columns: []string{"amount"}, To: log}, shop(15), "needs a name"},
		"bound of two columns":     {AttachPartition{Table: events, Partition: orders, Bound: Bound{From: []string{"1", "2"}, To: []string{"3", "4"}}}, shop(15), "several columns"},
		"hash":                     {AttachPartition{Table: events, Partition: orders, Bound: Bound{Modulus: 4}}, shop(15), "hash"},
		"virtual before 18":        {AddGenerated{Table: orders, Column: "x", Type: "int", Expression: "amount"}, shop(17), "virtual"},
		"backfill without where":   {BackfillColumn{Table: orders, Set: "amount = 1"}, shop(15), "WHERE"},
		"index of a constraint":    {DropIndex{orders, "orders_pkey"}, shop(15), "constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Build(c.change, c.facts, Options{})
			var r *Refusal
			if !errors.As(err, &r) || !strings.Contains(r.Reason, c.says) {
				t.Errorf("refused with %v, want a sentence that says %q", err, c.says)
			}
		})
	}
}

func TestCatalogOnly(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"character varying(20)", "varchar(40)", true},
		{"character varying(40)", "varchar(20)", false},
		{"varchar(20)", "text", true},
		{"text", "varchar", true},
		{"text", "varchar(20)", false},
		{"numeric(10,2)", "decimal(12, 2)", true},
		{"numeric(10,2)", "numeric(12,3)", false},
		{"numeric(10,2)", "numeric", true},
		{"numeric", "numeric(12,2)", false},
		{"integer", "bigint", false},
		{"character(4)", "character(8)", false},
	} {
		if got := catalogOnly(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: catalog only %v, want %v", c.from, c.to, got, c.want)
		}
	}
	for in, want := range map[string]string{"INT": "integer", "timestamptz(3)": "timestamp(3) with time zone", "numeric( 12 , 2 )": "numeric(12,2)", "varchar (20)": "character varying(20)"} {
		if got := canonicalType(in); got != want {
			t.Errorf("canonicalType(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSubstitute(t *testing.T) {
	for in, want := range map[string]string{
		"(amount > 0)":                     "(total > 0)",
		"amount(amount) > 'amount'::text":  "amount(total) > 'amount'::text",
		`("amount" = 'it''s amount')`:      "(total = 'it''s amount')",
		"x::amount = t.amount":             "x::amount = t.amount",
		`E'a\'amount' = AMOUNT`:            `E'a\'amount' = total`,
		"amounts + amount2 + 1e5 + amount": "amounts + amount2 + 1e5 + total",
		`"Amount" > 1`:                     `"Amount" > 1`,
	} {
		if got := substitute(in, "amount", "total"); got != want {
			t.Errorf("substitute(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzSubstitute: a column put in its own place leaves what the server would read the same.
func FuzzSubstitute(f *testing.F) {
	for _, s := range []string{"(a > 0)", `"a""b" = 'x'`, "E'\\'", "a::a.a(a", "\"", "'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "\x00") {
			return
		}
		if got := substitute(s, "absent column", "x"); got != s {
			t.Errorf("%q became %q without the column in it", s, got)
		}
	})
}

func TestDerive(t *testing.T) {
	long := strings.Repeat("ä", 40)
	a, b := derive(long, "x"), derive(long, "y")
	if len(a) > maxIdentifier || len(b) > maxIdentifier || a == b || !strings.HasPrefix(long, a[:len(a)-9]) {
		t.Errorf("derived %q and %q", a, b)
	}
	if got := derive("a", "b"); got != "a_b" {
		t.Errorf("derive(a, b) = %q", got)
	}
	for in, want := range map[string]string{"orders": "orders", "Orders": `"Orders"`, "user": `"user"`, `a"b`: `"a""b"`, "1a": `"1a"`, "": `""`} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestLadder(t *testing.T) {
	l := DefaultLadder()
	if l.Tries() != 30 || l.LockTimeout() != 100*time.Millisecond || l.Longest() != 5*time.Second {
		t.Errorf("%d tries from %s to %s", l.Tries(), l.LockTimeout(), l.Longest())
	}
	if r, ok := l.Try(10); !ok || r.LockTimeout != 500*time.Millisecond {
		t.Errorf("try 10 is %+v", r)
	}
	if _, ok := l.Try(30); ok {
		t.Error("there is a try beyond the last")
	}
}

func TestParseServer(t *testing.T) {
	for in, want := range map[string]string{"15.18 (Debian 15.18-0+deb12u1)": "PostgreSQL 15", "18beta1": "PostgreSQL 18"} {
		if s, err := ParseServer(PostgreSQL, in); err != nil || s.String() != want {
			t.Errorf("%q is %v, %v", in, s, err)
		}
	}
	if s, err := ParseServer(MySQL, "5.5.5-10.11.19-MariaDB-log"); err != nil || s.String() != "MariaDB 10.11.19" || !s.AtLeast(10, 11) || s.AtLeast(11) {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := ParseServer(MySQL, "new"); err == nil {
		t.Error("a version without numbers was read")
	}
}

func TestMySQL(t *testing.T) {
	facts := Facts{Server: Server{MySQL, [3]int{8, 0, 36}}, Tables: []Table{{Name: Name{"", "orders"}, Columns: []Column{{Name: "note", Type: "varchar(50)", Definition: "varchar(50) DEFAULT NULL COMMENT 'x'"}},
		Indexes: []Index{{Name: "PRIMARY", Primary: true, Unique: true, Parts: parts([]string{"id"})}}}}}
	r, err := Build(SetNotNull{Name{"", "orders"}, "note"}, facts, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Plain[0], "ALTER TABLE `orders` MODIFY COLUMN `note` varchar(50) NOT NULL COMMENT 'x'"; got != want {
		t.Errorf("plain %s, want %s", got, want)
	}
	if got := r.Steps[0].SQL[0]; !strings.HasSuffix(got, "ALGORITHM=INPLACE, LOCK=NONE") {
		t.Errorf("the first way is %s", got)
	}
	r, err = Build(ChangeType{Table: Name{"", "orders"}, Column: "note", To: "text"}, facts, Options{})
	if err != nil || r.Steps[0].Kind != Tool || !strings.Contains(r.Steps[0].SQL[0], "gh-ost") {
		t.Errorf("a change that needs a copy: %+v, %v", r, err)
	}
	facts.Tables[0].ForeignKeys = []ForeignKey{{Name: "f"}}
	if _, err = Build(ChangeType{Table: Name{"", "orders"}, Column: "note", To: "text"}, facts, Options{}); err == nil {
		t.Error("gh-ost is offered for a table with foreign keys")
	}
	if mysqlInPlace("varchar(50)", "varchar(70)") || !mysqlInPlace("varchar(50)", "varchar(60)") || !mysqlInPlace("varchar(100)", "varchar(200) not null") {
		t.Error("the length byte of VARCHAR is not heeded")
	}
}
