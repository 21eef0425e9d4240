// Package uuid4pkclustered finds random keys that a clustered table is ordered by.
package uuid4pkclustered

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.uuid4-pk-clustered.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.uuid4-pk-clustered",
		Title:   "Table ordered by a random key",
		Summary: "The primary key of a MySQL or SQL Server table is a UUID that is random (version 4).",
		Why: "InnoDB stores the rows in the order of the primary key. Random keys hit a random page with each INSERT: once the table is larger than the buffer pool each insert reads a page from disk and splits full ones, pages end two thirds full, " +
			"and every secondary index carries the key again (36 bytes as text against 8).",
		Cost:     "one page read from disk for each insert of a table larger than memory -> none",
		Fix:      "Use a key that grows with time (UUID version 7, ULID) stored in 16 bytes, or a bigint with the UUID as a unique column.",
		Wrong:    "The table stays smaller than the buffer pool. PostgreSQL's tables are heaps and are not reported.",
		Category: "uuid-primary-key",
		Examples: []rule.Example{{Lang: "sql",
			Before: "CREATE TABLE orders (id char(36) PRIMARY KEY DEFAULT (uuid()), ...);",
			After:  "CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, public_id binary(16) NOT NULL UNIQUE, ...);"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Cliff:    "inserts slow down tenfold when the table outgrows the buffer pool",
		Proof:    "Innodb_buffer_pool_reads per insert stays near zero while the table grows.",
		Refs: []report.Reference{
			{Title: "MySQL: clustered and secondary indexes", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-index-types.html"},
			{Title: "RFC 9562: UUID version 7", URL: "https://www.rfc-editor.org/rfc/rfc9562"},
		},
		Langs: []string{"sql", "python", "typescript", "php"},
	},
	Project: func(p *rule.Pass) {
		for _, db := range indexing.Databases(p) {
			if db.Schema.Dialect != schema.MySQL && db.Schema.Dialect != schema.SQLServer {
				continue
			}
			for _, name := range db.Schema.Names() {
				check(p, db, db.Schema.Tables[name])
			}
		}
	},
}

var random = regexp.MustCompile(`(?i)\b(uuid4|uuidv4|newid|gen_random_uuid)\b|^\(?uuid_to_bin\s*\(\s*uuid\(\)\s*\)|@default\(uuid\(\)\)`)

func check(p *rule.Pass, db *project.Database, t *schema.Table) {
	if len(t.PrimaryKey) != 1 || t.View || t.Incomplete || !indexing.Grows(p, t) {
		return
	}
	c := t.Column(t.PrimaryKey[0])
	if c == nil || !wide(c.Type) {
		return
	}
	how := ""
	switch {
	case random.MatchString(c.Default):
		how = "its default, `" + c.Default + "`, is random"
	default:
		how = inModel(p, t, c)
	}
	if how == "" {
		return // UUID() of MySQL has its time in front, but in the order of its low bits; who makes the key is not known
	}
	at, ok := indexing.ColumnPlace(p, t, c.Name)
	if !ok {
		return
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s is ordered by a random key", t.Name),
		Claim:   fmt.Sprintf("The rows of `%s` lie in the order of `%s`, and %s: each insert hits another page of the table, and each of its %d indexes repeats the key.", t.Name, c.Name, how, len(t.Indexes)),
		Primary: at, Subject: t.Name + "." + c.Name, Table: t.Name, Columns: []string{c.Name},
		Evidence: 1, Confidence: 0.65, Cause: indexing.Cause("uuid4-pk", db),
		Fix: report.Fix{
			Summary:   "Make new keys with UUID version 7, in 16 bytes.",
			Behaviour: "New rows are appended; old rows keep their keys. Keys tell the time of their creation.",
		},
	})
}

func wide(t schema.Type) bool {
	switch t.Name {
	case "uuid", "uniqueidentifier":
		return true
	case "char", "varchar":
		return t.Size == 36 || t.Size == 32
	case "binary":
		return t.Size == 16
	}
	return false
}

// inModel looks for a random default in the model of the table: uuid.uuid4, uuidv4.
func inModel(p *rule.Pass, t *schema.Table, c *schema.Column) string {
	if p.Flow == nil || p.Flow.Index == nil {
		return ""
	}
	m := p.Flow.Index.TableModel(schema.Key(t.Name), p.File(t.Place.Path))
	if m == nil || m.Class == nil {
		return ""
	}
	field := m.Class.Fields[c.Name]
	if !field.Ok() {
		return ""
	}
	if text := randomIn(m, field); text != "" {
		return "`" + text + "` of the model makes it at random"
	}
	return ""
}

func randomIn(m *flow.Model, field syntax.Ref) string {
	for n := range field.Descendants(syntax.Member, syntax.Name, syntax.Call) {
		if n.Str() == "uuid4" || n.Str() == "uuidv4" {
			return n.Str()
		}
	}
	if m.File != nil && strings.Contains(m.File.NodeText(field), `PrimaryGeneratedColumn("uuid")`) {
		return `PrimaryGeneratedColumn("uuid")`
	}
	return ""
}
