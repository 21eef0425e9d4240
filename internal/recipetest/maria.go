package recipetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	base "github.com/napkin-infra/napkin/foundation/database"
)

// MariaCases returns the cases of MariaDB.
func MariaCases() []Case {
	o := rewrite.Name{Name: "orders"}
	without := mariaOrders("orders")
	without.Insert = "INSERT INTO orders (customer, amount) SELECT ?, ? FROM (SELECT ? AS unused) AS x"
	without.Point = "SELECT id, customer, amount FROM orders WHERE id = ?"
	return []Case{
		{Name: "not null", Change: rewrite.SetNotNull{Table: o, Column: "customer"}},
		{Name: "foreign key", Change: rewrite.AddForeignKey{Table: o, Name: "orders_customer_fkey", Columns: []string{"customer"}, To: rewrite.Name{Name: "customers"}, ToColumns: []string{"id"}}},
		{Name: "unique", Change: rewrite.AddUnique{Table: o, Name: "orders_key", Columns: []string{"customer", "id"}}},
		{Name: "create index", Change: rewrite.CreateIndex{Table: o, Index: rewrite.Index{Name: "orders_amount", Parts: []rewrite.Part{{Column: "amount"}, {Column: "note", After: "(20)"}}}}},
		{Name: "drop index", Change: rewrite.DropIndex{Table: o, Index: "orders_customer"}},
		{Name: "rewrite", Change: rewrite.RewriteTable{Table: o}},
		{Name: "add column", Change: rewrite.AddColumn{Table: o, Column: "paid", Type: "tinyint(1)", Default: "0", NotNull: true}},
		{Name: "add generated", Change: rewrite.AddGenerated{Table: o, Column: "gross", Type: "bigint", Expression: "amount * 119"}},
		{Name: "longer text", Change: rewrite.ChangeType{Table: o, Column: "note", From: "varchar(100)", To: "varchar(200)"}},
		{Name: "longer enum", Change: rewrite.ChangeType{Table: o, Column: "status", From: "enum('new','paid')", To: "enum('new','paid','void') DEFAULT 'paid'"}},
		{Name: "set default", Change: rewrite.SetDefault{Table: o, Column: "amount", Default: "7"}},
		{Name: "backfill", Change: rewrite.BackfillColumn{Table: o, Set: "status = 'paid'", Where: "status = 'new' AND id <= 1000"}},
		{Name: "drop column", Change: rewrite.DropColumn{Table: o, Column: "note"}, After: map[string]Requests{"deploy": without}},
	}
}

func mariaOrders(table string) Requests {
	return Requests{
		Insert: "INSERT INTO " + table + " (customer, amount, note) VALUES (?, ?, ?)",
		Again:  "INSERT INTO " + table + " (id, customer, amount, note) VALUES (?, ?, ?, ?)",
		Update: "UPDATE " + table + " SET amount = ? WHERE id = ?",
		Delete: "DELETE FROM " + table + " WHERE id = ?",
		Point:  "SELECT id, customer, amount, note FROM " + table + " WHERE id = ?",
		Range:  "SELECT COUNT(amount) FROM " + table + " WHERE id BETWEEN ? AND ?",
	}
}

func mariaTables(rows int64) []string {
	return []string{
		"CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(50) NOT NULL) ENGINE=InnoDB",
		"INSERT INTO customers SELECT seq, CONCAT('customer ', seq) FROM seq_1_to_50",
		"CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, customer bigint, amount int DEFAULT 0, note varchar(100), status enum('new','paid') DEFAULT 'paid', KEY orders_customer (customer)) ENGINE=InnoDB",
		fmt.Sprintf("INSERT INTO orders (id, customer, amount, note, status) SELECT seq, 1 + seq %% 50, seq %% 1000, CONCAT('note ', seq), ELT(1 + seq %% 2, 'new', 'paid') FROM seq_1_to_%d", rows),
	}
}

// mariaRun executes statements on a database of the server, or on none.
func mariaRun(ctx context.Context, address string, statements ...string) error {
	conn, err := mariaOpen(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, s := range statements {
		if _, err := conn.Execute(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func mariaOpen(ctx context.Context, address string) (*client.Conn, error) {
	u, err := base.Parse(address)
	if err != nil {
		return nil, err
	}
	conn, err := base.OpenMySQL(ctx, u, base.Options{Write: true})
	if err != nil {
		return nil, err
	}
	_, err = conn.Execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
	return conn, err
}

var increment = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// mariaSnapshot returns the definitions of all tables, line by line and sorted (keys are printed in the order of their
// making), and a checksum of the rows of each.
func mariaSnapshot(ctx context.Context, address string) (schema, rows []string, err error) {
	conn, err := mariaOpen(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = conn.Close() }()
	tables, err := conn.Execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1")
	if err != nil {
		return nil, nil, err
	}
	for i := range tables.RowNumber() {
		name, err := tables.GetString(i, 0)
		if err != nil {
			return nil, nil, err
		}
		create, err := conn.Execute("SHOW CREATE TABLE `" + name + "`")
		if err != nil {
			return nil, nil, err
		}
		text, err := create.GetString(0, 1)
		if err != nil {
			return nil, nil, err
		}
		for _, line := range strings.Split(increment.ReplaceAllString(text, ""), "\n") {
			schema = append(schema, name+": "+strings.TrimSuffix(strings.TrimSpace(line), ","))
		}
		all, err := conn.Execute("SELECT * FROM `" + name + "` ORDER BY 1")
		if err != nil {
			return nil, nil, err
		}
		sum := sha256.New()
		for k := range all.RowNumber() {
			for c := range all.ColumnNumber() {
				v, err := all.GetString(k, c)
				if err != nil {
					return nil, nil, err
				}
				_, _ = fmt.Fprintf(sum, "%q ", v)
			}
		}
		rows = append(rows, fmt.Sprintf("%s: %d rows, %x", name, all.RowNumber(), sum.Sum(nil)))
	}
	slices.Sort(schema)
	return schema, rows, nil
}

// MariaTrial carries a recipe out on MariaDB under load, cutting its session at the step cut (-1: none) and resuming
// it, and compares the result with that of the plain statement after the same writes.
func MariaTrial(ctx context.Context, server string, c Case, o Options, cut int) (Result, int, error) {
	var r Result
	name := "t_" + strings.NewReplacer("-", "_", " ", "_").Replace(c.Name)
	live, plain := database(server, name), database(server, name+"_plain")
	for _, db := range []string{name, name + "_plain"} {
		if err := mariaRun(ctx, server, "DROP DATABASE IF EXISTS "+db, "CREATE DATABASE "+db); err != nil {
			return r, 0, err
		}
		if err := mariaRun(ctx, database(server, db), append(mariaTables(o.Rows), c.Setup...)...); err != nil {
			return r, 0, err
		}
	}
	u, err := base.Parse(live)
	if err != nil {
		return r, 0, err
	}
	facts, err := catalog.Read(ctx, u)
	if err != nil {
		return r, 0, err
	}
	recipe, err := rewrite.Build(c.Change, facts, o.build())
	if err != nil {
		return r, 0, err
	}
	s := &Stand{Case: c, Recipe: recipe, Options: o}
	load, err := StartLoad(ctx, live, mariaOrders("orders"), LoadOptions{Writers: o.Writers, Readers: o.Readers, Rate: o.Rate, LockTimeout: s.Stall(), Rows: o.Rows})
	if err != nil {
		return r, 0, err
	}
	wasCut := false
	var failed error
	observe := func(e execute.Event) {
		switch e.What {
		case execute.Refused:
			r.Tries++
		case execute.Batch:
			r.Batches++
		case execute.Started:
			if next, ok := c.After[e.ID]; ok {
				load.Switch(next)
			}
			if e.Step == cut {
				cut, wasCut = -1, true
				failed = killRecipe(ctx, server, recipe.Title)
			}
		}
	}
	pause(ctx, 50*time.Millisecond)
	err = s.Resume(ctx, live, observe)
	if wasCut && failed == nil {
		if err == nil && recipe.Steps[len(recipe.Steps)-1].Kind != rewrite.Deploy {
			failed = fmt.Errorf("the session was ended and the run went on")
		}
		err = errors.Join(failed, s.Resume(ctx, live, observe))
	}
	err = errors.Join(err, failed)
	pause(ctx, 50*time.Millisecond)
	if stop := load.Stop(); err == nil {
		err = stop
	}
	r.Seen = load.Seen()
	if err != nil {
		return r, len(recipe.Steps), err
	}
	if err := load.Replay(ctx, plain, mariaOrders("orders")); err != nil {
		return r, 0, err
	}
	if err := mariaRun(ctx, plain, recipe.Plain...); err != nil {
		return r, 0, err
	}
	wantSchema, wantRows, err := mariaSnapshot(ctx, plain)
	if err != nil {
		return r, 0, err
	}
	gotSchema, gotRows, err := mariaSnapshot(ctx, live)
	r.Schema, r.Rows = Difference(wantSchema, gotSchema), Difference(wantRows, gotRows)
	return r, len(recipe.Steps), err
}

// killRecipe ends the session that holds the advisory lock of the recipe.
func killRecipe(ctx context.Context, server, title string) error {
	conn, err := mariaOpen(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	holder, err := conn.Execute("SELECT IS_USED_LOCK(MD5(?))", "napkin recipe: "+title)
	if err != nil {
		return err
	}
	id, err := holder.GetInt(0, 0)
	if err != nil {
		return err
	}
	_, err = conn.Execute(fmt.Sprintf("KILL CONNECTION %d", id))
	return err
}
