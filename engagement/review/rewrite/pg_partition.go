package rewrite

import (
	"fmt"
	"strings"
)

// proof returns the condition that a row of the partition fulfils, as the server derives it from the bound, or a
// reason why it cannot be given. Of several columns the server's own form is not one that a reader would write.
func proof(b Bound, columns []string) (string, string) {
	switch {
	case b.Modulus > 0:
		return "", "A partition of a hash cannot be proven by a CHECK: the server reads all its rows under ACCESS EXCLUSIVE. Load rows into an empty partition instead."
	case len(b.From) == 0 && len(b.In) == 0:
		return "", "What the default partition may hold depends on all other partitions; it is not proven by one CHECK here. Attach an empty one and move rows into it."
	case len(columns) != 1 || columns[0] == "" || len(b.From) > 1:
		return "", "The key of partitions has several columns or an expression; the CHECK that proves such a bound is not made here."
	}
	c := quote(columns[0])
	if len(b.In) > 0 {
		var values []string
		null := false
		for _, v := range b.In {
			if strings.EqualFold(v, "NULL") {
				null = true
			} else {
				values = append(values, v)
			}
		}
		in := fmt.Sprintf("%s IN (%s)", c, strings.Join(values, ", "))
		switch {
		case null && len(values) == 0:
			return c + " IS NULL", ""
		case null:
			return fmt.Sprintf("%s IS NULL OR %s", c, in), ""
		}
		return fmt.Sprintf("%s IS NOT NULL AND %s", c, in), ""
	}
	parts := []string{c + " IS NOT NULL"}
	if !strings.EqualFold(b.From[0], "MINVALUE") {
		parts = append(parts, c+" >= "+b.From[0])
	}
	if !strings.EqualFold(b.To[0], "MAXVALUE") {
		parts = append(parts, c+" < "+b.To[0])
	}
	return strings.Join(parts, " AND "), ""
}

func inherits(child, parent Name, condition string) string {
	return fmt.Sprintf("EXISTS (SELECT FROM pg_inherits WHERE inhrelid = %s AND inhparent = %s%s)", regclass(child), regclass(parent), condition)
}

func (p postgres) attachPartition(c AttachPartition) (Recipe, error) {
	t, known := p.Table(c.Table)
	if !known || t.Partitioning == nil {
		return refuse("By which columns %s is partitioned is not known. Give the schema.", c.Table)
	}
	part, known := p.Table(c.Partition)
	if !known {
		return refuse("The indexes of %s are not known; ATTACH builds those that are missing, under lock. Give the schema.", c.Partition)
	}
	condition, why := proof(c.Bound, t.Partitioning.Columns)
	if why != "" {
		return refuse("%s", why)
	}
	r := Recipe{Preflight: []Question{{
		SQL:  fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE NOT coalesce(%s, false))", c.Partition, condition),
		Says: fmt.Sprintf("%s has rows outside the bound (%s). Move them first.", c.Partition, c.Bound),
	}}}
	check := derive(c.Partition.Name, "napkin_bound")
	r.Steps = p.provenBy(c.Partition, check, condition, "check")
	checks := []string{constraintHas(c.Partition, check, validated)}
	drops := []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", c.Partition, quote(check))}
	parent := ShareUpdateExclusive
	if !p.Server.AtLeast(12) {
		parent = AccessExclusive
	}
	locks := []Lock{{c.Table, parent, ForMoment}, {c.Partition, AccessExclusive, ForMoment}}
	if d := t.Partitioning.Default; d != nil {
		other := derive(c.Partition.Name, "napkin_other")
		r.Preflight = append(r.Preflight, Question{
			SQL:  fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s)", d, condition),
			Says: fmt.Sprintf("The default partition %s holds rows of the bound (%s). Move them first.", d, c.Bound),
		})
		r.Steps = append(r.Steps, p.provenBy(*d, other, "NOT ("+condition+")", "default")...)
		drops = append(drops, fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", d, quote(other)))
		locks = append(locks, Lock{*d, AccessExclusive, ForMoment})
		checks = append(checks, constraintHas(*d, other, validated))
	}
	for _, i := range t.Indexes {
		if hasIndex(part, i) {
			continue
		}
		if i.Constraint != "" {
			return refuse("%s has no index of its own for the constraint %s of %s; ATTACH would build it under lock. Add it by the recipe for %s first.", c.Partition, i.Constraint, c.Table, map[bool]string{true: "primary keys", false: "unique constraints"}[i.Primary])
		}
		n := i
		n.Name = p.serverIndexName(c.Partition, i)
		r.Steps = append(r.Steps, buildIndex("index-"+i.Name, n, c.Partition, checks...))
	}
	for _, k := range t.ForeignKeys {
		r.Notes = append(r.Notes, fmt.Sprintf("%s has the foreign key %s: unless %s has the same one, validated, ATTACH adds it and reads all rows under lock.", c.Table, k.Name, c.Partition))
	}
	attached := inherits(c.Partition, c.Table, "")
	attach := p.quick("attach", "Attach the partition", ask(attached), locks, c.plain(p.Facts)...)
	attach.Undo = []string{fmt.Sprintf("DO $$BEGIN IF %s THEN ALTER TABLE %s DETACH PARTITION %s; END IF; END$$", attached, c.Table, c.Partition)}
	attach.Says = "The CHECK proves that all rows are inside the bound, the indexes are there: no row is read."
	// One statement of a transaction each, because each locks another table.
	r.Steps = append(r.Steps, attach)
	done := []string{attached}
	for k, sql := range drops {
		owner, name := c.Partition, check
		if k == 1 {
			owner, name = *t.Partitioning.Default, derive(c.Partition.Name, "napkin_other")
		}
		done = append(done, not(constraintHas(owner, name, "")))
		drop := p.quick(fmt.Sprintf("drop-check-%d", k+1), "Drop the CHECK, which the bound says as well", ask(done...), exclusive(owner), sql)
		drop.NoReturn = true
		r.Steps = append(r.Steps, drop)
	}
	return r, nil
}

// provenBy returns the steps that add and validate a CHECK.
func (p postgres) provenBy(t Name, name, condition, id string) []Step {
	add := p.quick(id, "Add a CHECK that says what the bound says", ask(constraintHas(t, name, "")), exclusive(t),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s) NOT VALID", t, quote(name), condition))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", t, quote(name))}
	return []Step{add, p.validateStep(id+"-validate", t, name)}
}

// hasIndex returns whether a table has an index like that of its parent to be.
func hasIndex(t Table, like Index) bool {
	for _, i := range t.Indexes {
		a, b := i, like
		if a.Valid && a.Unique == b.Unique && a.Primary == b.Primary && a.Method == b.Method && a.Where == b.Where && fmt.Sprint(a.Parts, a.Include) == fmt.Sprint(b.Parts, b.Include) {
			return true
		}
	}
	return false
}

func (p postgres) detachPartition(c DetachPartition) (Recipe, error) {
	t, known := p.Table(c.Table)
	if !known || t.Partitioning == nil {
		return refuse("Whether %s has a default partition is not known. Give the schema.", c.Table)
	}
	gone := ask(relationExists(c.Partition), not(inherits(c.Partition, c.Table, "")))
	back := "To have it back, attach it by its recipe."
	if !p.Server.AtLeast(14) || t.Partitioning.Default != nil {
		s := p.quick("detach", "Detach the partition", gone, exclusive(c.Table, c.Partition), c.plain(p.Facts)...)
		s.NoReturn = true
		s.Says = "Takes ACCESS EXCLUSIVE on the partitioned table for a moment: CONCURRENTLY exists from PostgreSQL 14 on, and not beside a default partition. " + back
		return Recipe{Steps: []Step{s}}, nil
	}
	s := online("detach", "Detach the partition", gone, []Lock{{c.Table, ShareUpdateExclusive, ForMoment}, {c.Partition, AccessExclusive, ForMoment}},
		c.plain(p.Facts)[0]+" CONCURRENTLY")
	// It waits for old transactions in the middle; cut off there, the detachment is pending and must be finished.
	s.Clear = &Clear{If: ask(inherits(c.Partition, c.Table, " AND inhdetachpending")), SQL: []string{c.plain(p.Facts)[0] + " FINALIZE"}}
	s.Ladder = p.o.ladder() // its second half takes the partition exclusively, and those who read it would queue behind
	s.NoReturn = true
	s.Says = "Waits for the transactions that use the table, then locks the partition for a moment; each wait ends with the lock timeout, and the next try finishes what is pending. " + back
	return Recipe{Steps: []Step{s},
		Differs: []string{"The partition keeps a CHECK that says what its bound said; with it, attaching the partition again reads no row."}}, nil
}
