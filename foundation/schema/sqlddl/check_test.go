package sqlddl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// TestChecks follows CHECK constraints through the statements that make, validate, rename and drop them.
func TestChecks(t *testing.T) {
	b := schema.NewBuilder(nil, schema.Postgres)
	step := func(sql, want string) {
		t.Helper()
		ops, problems := ParseAt("x.sql", 7, sql, schema.Postgres)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		b.Apply("x.sql", ops...)
		var got []string
		if table := b.Schema().Table("t"); table != nil {
			for _, c := range table.Checks {
				if c.Place.Line != 7 {
					t.Errorf("%s is at line %d", c.Name, c.Place.Line)
				}
				got = append(got, fmt.Sprintf("%s[%s]%v", c.Name, c.Expr, c.NotValid))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("after %s: %v, not %s", sql, got, want)
		}
	}
	step("CREATE TABLE t (a int CHECK (a > 0), b int, c int, CHECK (b > a))", "t_a_check[a > 0]false t_check[b > a]false")
	step("ALTER TABLE t ADD CONSTRAINT n CHECK (c IS NOT NULL) NOT VALID", "t_a_check[a > 0]false t_check[b > a]false n[c IS NOT NULL]true")
	step("ALTER TABLE t VALIDATE CONSTRAINT n", "t_a_check[a > 0]false t_check[b > a]false n[c IS NOT NULL]false")
	step("ALTER TABLE t RENAME COLUMN c TO d", "t_a_check[a > 0]false t_check[b > a]false n[d IS NOT NULL]false")
	step("ALTER TABLE t RENAME CONSTRAINT n TO m", "t_a_check[a > 0]false t_check[b > a]false m[d IS NOT NULL]false")
	step("ALTER TABLE t DROP COLUMN b", "t_a_check[a > 0]false m[d IS NOT NULL]false")
	step("ALTER TABLE t DROP CONSTRAINT m, ADD COLUMN e int CHECK (e < 9)", "t_a_check[a > 0]false t_e_check[e < 9]false")
	step("ALTER TABLE t ADD CONSTRAINT k NOT NULL e NOT VALID", "t_a_check[a > 0]false t_e_check[e < 9]false k[e IS NOT NULL]true")
}

// TestBuilderPartitions: a partition has its parent's columns and indexes as soon as it exists.
func TestBuilderPartitions(t *testing.T) {
	b := schema.NewBuilder(nil, schema.Postgres)
	for _, sql := range []string{
		"CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
		"CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
	} {
		ops, _ := ParseAt("x.sql", 1, sql, schema.Postgres)
		b.Apply("x.sql", ops...)
	}
	p1 := b.Schema().Table("p1")
	if p1 == nil || p1.Column("at") == nil || len(p1.Indexes) != 1 {
		t.Fatalf("%+v", p1)
	}
	if owner := b.IndexTable("p_pkey"); owner == nil || owner.Name != "p" {
		t.Errorf("the index p_pkey belongs to %+v", owner)
	}
}
