package mysql

import (
	"context"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Find implements [dialect.Database].
func (d *Database) Find(ctx context.Context, name string) ([]dialect.TableName, error) {
	rows, err := d.ask(ctx, "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_NAME = "+sqlString(name)+" ORDER BY TABLE_SCHEMA")
	if err != nil {
		return nil, explain("look for "+name, err)
	}
	found := make([]dialect.TableName, len(rows))
	for i, r := range rows {
		found[i] = dialect.TableName{Schema: r[0].text, Name: r[1].text}
	}
	return found, nil
}
