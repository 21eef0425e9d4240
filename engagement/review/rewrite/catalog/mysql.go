package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-mysql-org/go-mysql/client"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// readMySQL reads the tables of the connection's database.
func readMySQL(ctx context.Context, u database.URL, tables []rewrite.Name) (rewrite.Facts, error) {
	conn, err := database.OpenMySQL(ctx, u, database.Options{})
	if err != nil {
		return rewrite.Facts{}, err
	}
	defer func() { _ = conn.Close() }()
	f := rewrite.Facts{}
	if f.Server, err = rewrite.ParseServer(rewrite.MySQL, conn.GetServerVersion()); err != nil {
		return rewrite.Facts{}, err
	}
	m := reader{conn}
	names, err := m.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name")
	if err != nil {
		return rewrite.Facts{}, fmt.Errorf("read the tables of %s: %w", u, err)
	}
	for _, n := range names {
		name := rewrite.Name{Name: n[0]}
		wanted := len(tables) == 0
		for _, t := range tables {
			wanted = wanted || t.Name == name.Name
		}
		if !wanted {
			continue
		}
		t, err := m.table(name)
		if err != nil {
			return rewrite.Facts{}, fmt.Errorf("read %s of %s: %w", name.Name, u, err)
		}
		f.Tables = append(f.Tables, t)
	}
	return f, nil
}

type reader struct{ conn *client.Conn }

func (m reader) rows(sql string, args ...any) ([][]string, error) {
	result, err := m.conn.Execute(sql, args...)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	out := make([][]string, result.RowNumber())
	for i := range out {
		out[i] = make([]string, result.ColumnNumber())
		for k := range out[i] {
			v, err := result.GetString(i, k)
			if err != nil {
				return nil, err
			}
			out[i][k] = strings.Clone(v) // it lies in memory that the driver uses again
		}
	}
	return out, nil
}

func (m reader) table(name rewrite.Name) (rewrite.Table, error) {
	t := rewrite.Table{Name: name}
	create, err := m.rows("SHOW CREATE TABLE `" + strings.ReplaceAll(name.Name, "`", "``") + "`")
	if err != nil {
		return t, err
	}
	t.Create = create[0][1]
	columns, err := m.rows(`SELECT column_name, column_type, is_nullable, COALESCE(column_default, ''), COALESCE(generation_expression, ''), column_comment
		FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`, name.Name)
	if err != nil {
		return t, err
	}
	definitions := definitions(t.Create)
	for _, c := range columns {
		t.Columns = append(t.Columns, rewrite.Column{Name: c[0], Type: c[1], NotNull: c[2] == "NO", Default: c[3], Generated: c[4], Comment: c[5],
			Definition: definitions[c[0]], StatisticsTarget: -1})
	}
	indexes, err := m.rows(`SELECT index_name, non_unique, COALESCE(column_name, ''), index_type, COALESCE(sub_part, '')
		FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? ORDER BY index_name, seq_in_index`, name.Name)
	if err != nil {
		return t, err
	}
	for _, r := range indexes {
		if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != r[0] {
			t.Indexes = append(t.Indexes, rewrite.Index{Name: r[0], Unique: r[1] == "0", Primary: r[0] == "PRIMARY", Method: strings.ToLower(r[3]), Valid: true})
		}
		part := rewrite.Part{Column: r[2]}
		if r[4] != "" {
			part.After = "(" + r[4] + ")"
		}
		last := &t.Indexes[len(t.Indexes)-1]
		last.Parts = append(last.Parts, part)
	}
	if t.ForeignKeys, err = m.foreignKeys("table_name", name.Name); err != nil {
		return t, err
	}
	if t.Referenced, err = m.foreignKeys("referenced_table_name", name.Name); err != nil {
		return t, err
	}
	triggers, err := m.rows("SELECT trigger_name FROM information_schema.triggers WHERE event_object_schema = DATABASE() AND event_object_table = ? ORDER BY 1", name.Name)
	for _, r := range triggers {
		t.Dependents = append(t.Dependents, rewrite.Dependent{Kind: "trigger", Name: r[0]})
	}
	return t, err
}

func (m reader) foreignKeys(by, table string) ([]rewrite.ForeignKey, error) {
	rows, err := m.rows(`SELECT constraint_name, table_name, column_name, referenced_table_name, referenced_column_name
		FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL AND `+by+` = ?
		ORDER BY table_name, constraint_name, ordinal_position`, table)
	var out []rewrite.ForeignKey
	for _, r := range rows {
		if n := len(out); n == 0 || out[n-1].Name != r[0] || out[n-1].Table.Name != r[1] {
			out = append(out, rewrite.ForeignKey{Name: r[0], Table: rewrite.Name{Name: r[1]}, To: rewrite.Name{Name: r[3]}, Valid: true})
		}
		last := &out[len(out)-1]
		last.Columns = append(last.Columns, r[2])
		last.ToColumns = append(last.ToColumns, r[4])
	}
	return out, err
}

// definitions returns what SHOW CREATE TABLE says of each column: one line each, beginning with its name in
// quotes, of one of the two kinds.
func definitions(create string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(create, "\n") {
		line = strings.TrimSuffix(strings.TrimSpace(line), ",")
		if line == "" || line[0] != '`' && line[0] != '"' {
			continue
		}
		q := line[:1]
		for end := 1; end < len(line); end++ {
			if line[end] != q[0] {
				continue
			}
			if end+1 < len(line) && line[end+1] == q[0] { // a doubled quote is one
				end++
				continue
			}
			out[strings.ReplaceAll(line[1:end], q+q, q)] = strings.TrimSpace(line[end+1:])
			break
		}
	}
	return out
}
