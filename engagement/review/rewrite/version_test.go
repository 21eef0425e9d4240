package rewrite

import (
	"errors"
	"regexp"
	"testing"
)

// versioned are changes with the first version that has a recipe for each, as facts of versioned tables.
var versioned = map[string]struct {
	change Change
	since  int
}{
	"not null":                  {SetNotNull{Name{"public", "orders"}, "amount"}, 11},
	"check":                     {AddCheck{Name{"public", "orders"}, "positive", "amount >= 0"}, 11},
	"foreign key":               {AddForeignKey{Table: Name{"public", "log"}, Name: "key", Columns: []string{"of"}, To: Name{"public", "orders"}}, 11},
	"foreign key of partitions": {AddForeignKey{Table: Name{"public", "events"}, Name: "key", Columns: []string{"id"}, To: Name{"public", "orders"}}, 18},
	"foreign key to partitions": {AddForeignKey{Table: Name{"public", "log"}, Name: "key", Columns: []string{"of"}, To: Name{"public", "events"}}, 12},
	"unique":                    {AddUnique{Name{"public", "orders"}, "once", []string{"amount"}}, 11},
	"primary key of NULLs":      {AddPrimaryKey{Table: Name{"public", "log"}, Columns: []string{"line"}}, 12},
	"primary key":               {AddPrimaryKey{Table: Name{"public", "log"}, Columns: []string{"of"}}, 11},
	"index":                     {CreateIndex{Name{"public", "orders"}, Index{Name: "i", Parts: parts([]string{"amount"}), Include: []string{"id"}}}, 11},
	"index of equal NULLs":      {CreateIndex{Name{"public", "orders"}, Index{Name: "i", Unique: true, NullsEqual: true, Parts: parts([]string{"amount"})}}, 15},
	"reindex":                   {Reindex{Name{"public", "orders"}, "by_amount"}, 11},
	"reindex of a key":          {Reindex{Name{"public", "orders"}, "orders_pkey"}, 12},
	"column":                    {AddColumn{Table: Name{"public", "orders"}, Column: "x", Type: "text", Default: "'a'", NotNull: true}, 11},
	"volatile column":           {AddColumn{Table: Name{"public", "orders"}, Column: "x", Type: "text", Default: "random()", Volatile: true}, 11},
	"volatile column, not null": {AddColumn{Table: Name{"public", "orders"}, Column: "x", Type: "text", Default: "random()", Volatile: true, NotNull: true}, 12},
	"stored column":             {AddGenerated{Table: Name{"public", "orders"}, Column: "x", Type: "bigint", Expression: "amount * 2", Stored: true}, 12},
	"virtual column":            {AddGenerated{Table: Name{"public", "orders"}, Column: "x", Type: "bigint", Expression: "amount * 2"}, 18},
	"type":                      {ChangeType{Table: Name{"public", "orders"}, Column: "amount", To: "bigint"}, 11},
	"type, not null":            {ChangeType{Table: Name{"public", "orders"}, Column: "id", To: "bigint"}, 12},
	"drop column":               {DropColumn{Name{"public", "orders"}, "needed"}, 11},
	"attach":                    {AttachPartition{Table: Name{"public", "days"}, Partition: Name{"public", "orders"}, Bound: Bound{From: []string{"1"}, To: []string{"2"}}}, 11},
	"detach":                    {DetachPartition{Table: Name{"public", "days"}, Partition: Name{"public", "orders"}}, 11},
}

// versionedTables hold a table, one that has no key, and two that are partitioned.
func versionedTables(version int) Facts {
	id := Column{Name: "id", Type: "integer", NotNull: true, StatisticsTarget: -1}
	return Facts{Server: server(version), Tables: []Table{
		{Name: Name{"public", "orders"}, Columns: []Column{id, {Name: "amount", Type: "integer", StatisticsTarget: -1}, {Name: "needed", Type: "text", NotNull: true, StatisticsTarget: -1}},
			Indexes: []Index{{Name: "orders_pkey", Unique: true, Primary: true, Constraint: "orders_pkey", Method: "btree", Parts: parts([]string{"id"}), Valid: true},
				{Name: "by_amount", Method: "btree", Parts: parts([]string{"amount"}), Valid: true}}},
		{Name: Name{"public", "log"}, Columns: []Column{{Name: "line", Type: "text"}, {Name: "of", Type: "integer", NotNull: true}}},
		{Name: Name{"public", "events"}, Partitioning: &Partitioning{Strategy: "range", Columns: []string{"id"}}, Columns: []Column{id}},
		{Name: Name{"public", "days"}, Partitioning: &Partitioning{Strategy: "range", Columns: []string{"id"}}, Columns: []Column{id}},
	}}
}

// newWords are what only later versions understand.
var newWords = []struct {
	since int
	sql   *regexp.Regexp
}{
	{12, regexp.MustCompile(`REINDEX .*CONCURRENTLY`)},
	{12, regexp.MustCompile(`GENERATED ALWAYS AS \(`)},
	{14, regexp.MustCompile(`DETACH PARTITION .* (CONCURRENTLY|FINALIZE)`)},
	{14, regexp.MustCompile(`inhdetachpending`)},
	{15, regexp.MustCompile(`NULLS NOT DISTINCT`)},
	{18, regexp.MustCompile(`CONSTRAINT \S+ NOT NULL`)},
	{18, regexp.MustCompile(`contype = 'n'`)},
	{18, regexp.MustCompile(`NOT ENFORCED`)},
	{18, regexp.MustCompile(`VIRTUAL`)},
}

// TestOffered: a version is offered a recipe from the first version on that can run it, and no recipe holds words that
// the version does not know. That each also runs there is for internal/recipebench.
func TestOffered(t *testing.T) {
	for name, c := range versioned {
		for version := 11; version <= 18; version++ {
			r, err := Build(c.change, versionedTables(version), Options{})
			if refused := (*Refusal)(nil); version < c.since {
				if !errors.As(err, &refused) {
					t.Errorf("%s: PostgreSQL %d is offered a recipe, which exists from %d on; the error is %v", name, version, c.since, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s on %d: %v", name, version, err)
				continue
			}
			for _, sql := range said(r) {
				for _, w := range newWords {
					if version < w.since && w.sql.MatchString(sql) {
						t.Errorf("%s: PostgreSQL %d does not know %q, which exists from %d on: %s", name, version, w.sql, w.since, sql)
					}
				}
			}
		}
	}
}

// said returns all that a recipe sends to the server.
func said(r Recipe) []string {
	var out []string
	for _, q := range r.Preflight {
		out = append(out, q.SQL)
	}
	for _, s := range r.Steps {
		out = append(append(append(out, s.SQL...), s.Undo...), s.Done)
		if s.Clear != nil {
			out = append(append(out, s.Clear.If), s.Clear.SQL...)
		}
	}
	return out
}

// TestAttachLock: ATTACH PARTITION locks the partitioned table against everybody on PostgreSQL 11 alone.
func TestAttachLock(t *testing.T) {
	for version, want := range map[int]Mode{11: AccessExclusive, 12: ShareUpdateExclusive} {
		r, err := Build(versioned["attach"].change, versionedTables(version), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Steps {
			if s.ID == "attach" && s.Locks[0] != (Lock{Name{"public", "days"}, want, ForMoment}) {
				t.Errorf("PostgreSQL %d: the first lock is %s, want %s", version, s.Locks[0], want)
			}
		}
	}
}

// TestWayBack11: where NOT NULL cannot be had again without a scan under lock, dropping it has no way back.
func TestWayBack11(t *testing.T) {
	for version, want := range map[int]bool{11: true, 12: false, 18: false} {
		r, err := Build(versioned["drop column"].change, versionedTables(version), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s := r.Steps[0]; s.ID != "allow-null" || s.NoReturn != want || (len(s.Undo) == 0) != want {
			t.Errorf("PostgreSQL %d: %+v", version, s)
		}
	}
}

// TestFacts18 has what exists from PostgreSQL 18 on.
func TestFacts18(t *testing.T) {
	change := ChangeType{Table: Name{"public", "orders"}, Column: "amount", To: "bigint"}
	build := func(edit func(*Table)) (Recipe, error) {
		f := versionedTables(18)
		edit(&f.Tables[0])
		return Build(change, f, Options{})
	}
	for name, edit := range map[string]func(*Table){
		"without overlaps": func(x *Table) {
			x.Indexes = append(x.Indexes, Index{Name: "o", Constraint: "o", Unique: true, Method: "gist", Parts: parts([]string{"amount", "during"}), Valid: true})
		},
		"period": func(x *Table) {
			x.ForeignKeys = []ForeignKey{{Name: "k", Table: x.Name, Columns: []string{"amount", "during"}, To: Name{"public", "log"}, ToColumns: []string{"line", "of"}, Period: true}}
		},
		"not valid": func(x *Table) { x.Columns[1].NotNullName = "someone" },
	} {
		if _, err := build(edit); !errors.As(err, new(*Refusal)) {
			t.Errorf("%s: not refused: %v", name, err)
		}
	}
	r, err := build(func(x *Table) {
		x.Checks = []Constraint{{Name: "few", Expression: "amount < 7", Columns: []string{"amount"}, Unenforced: true}}
		x.ForeignKeys = []ForeignKey{{Name: "k", Table: x.Name, Columns: []string{"amount"}, To: Name{"public", "log"}, ToColumns: []string{"of"}, After: "ON DELETE RESTRICT NOT ENFORCED"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, s := range r.Steps {
		switch s.ID {
		case "check-few":
			found++
			if want := "ALTER TABLE public.orders ADD CONSTRAINT few_napkin_new CHECK (amount_napkin_new < 7) NOT ENFORCED"; s.SQL[0] != want {
				t.Errorf("the check is %s", s.SQL[0])
			}
		case "key-k_napkin_new":
			found++
			if want := "ALTER TABLE public.orders ADD CONSTRAINT k_napkin_new FOREIGN KEY (amount_napkin_new) REFERENCES public.log (of) ON DELETE RESTRICT NOT ENFORCED"; s.SQL[0] != want {
				t.Errorf("the foreign key is %s", s.SQL[0])
			}
		case "check-few-validate", "key-k_napkin_new-validate":
			t.Errorf("%s: nothing is validated of what is not enforced", s.ID)
		}
	}
	if found != 2 {
		t.Errorf("%d of the two constraints are carried over", found)
	}
	f := versionedTables(18)
	f.Tables[0].Columns[1].NotNullName = "someone"
	r, err = Build(versioned["not null"].change, f, Options{})
	if err != nil || len(r.Steps) != 1 || r.Steps[0].SQL[0] != "ALTER TABLE public.orders VALIDATE CONSTRAINT someone" {
		t.Errorf("NOT NULL that is NOT VALID: %+v, %v", r.Steps, err)
	}
}
