package postgres

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Find implements [dialect.Database].
func (d *Database) Find(ctx context.Context, name string) (found []dialect.TableName, err error) {
	err = d.queryCatalog(ctx, `select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		where c.relname = `+quoteText(name)+` and c.relkind in ('r', 'p', 'f', 'v', 'm') order by n.nspname collate "C"`, func(v [][]byte) error {
		found = append(found, dialect.TableName{Schema: string(v[0]), Name: string(v[1])})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for %s in %s: %w", name, d.url, err)
	}
	return found, nil
}
