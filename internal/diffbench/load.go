package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/foundation/database"
)

// The narrow table: a key, an integer, a large integer, a moment and a short text. Each column is a
// formula of the key n that both products compute alike.
var narrowDDL = map[database.Kind]string{
	database.Postgres: "create table %s (id bigint primary key, n int not null, amount bigint, at timestamp(6) not null, name varchar(40) not null)",
	database.MySQL:    "create table %s (id bigint primary key, n int not null, amount bigint, at datetime(6) not null, name varchar(40) not null) engine=innodb default charset=utf8mb4",
}

var narrowRow = map[database.Kind]string{
	database.Postgres: "n, (n * 7919) % 1000003, n * 1000003, timestamp '2020-01-01' + (n % 100000000) * interval '1.000001 seconds', 'customer-' || (n * 31) % 1000003",
	database.MySQL:    "n, (n * 7919) % 1000003, n * 1000003, timestamp '2020-01-01 00:00:00' + interval (n % 100000000) second + interval (n % 100000000) microsecond, concat('customer-', (n * 31) % 1000003)",
}

// load makes the narrow table with rows 1 to n in both servers.
func (b *bench) load(ctx context.Context, table string, n int64) error {
	var g errgroup.Group
	g.Go(func() error {
		return b.execPG(ctx,
			"drop table if exists "+table,
			fmt.Sprintf(narrowDDL[database.Postgres], table),
			fmt.Sprintf("insert into %s select %s from generate_series(1, %d::bigint) n", table, narrowRow[database.Postgres], n),
			"vacuum analyze "+table, "checkpoint")
	})
	g.Go(func() error {
		if err := b.execMy(ctx, "drop table if exists "+table, fmt.Sprintf(narrowDDL[database.MySQL], table)); err != nil {
			return err
		}
		for lo := int64(1); lo <= n; lo += 1_000_000 {
			hi := min(lo+999_999, n)
			if err := b.execMy(ctx, fmt.Sprintf("insert into %s select %s from (select seq n from seq_%d_to_%d) s", table, narrowRow[database.MySQL], lo, hi)); err != nil {
				return err
			}
		}
		return b.execMy(ctx, "analyze table "+table)
	})
	return g.Wait()
}

// plant changes, removes and adds rows of the table in MariaDB and returns the keys that differ from then
// on: a third each.
func (b *bench) plant(ctx context.Context, table string, keys []int64) error {
	third := (len(keys) + 2) / 3
	for part := range slices.Chunk(keys[:third], 1000) {
		if err := b.execMy(ctx, fmt.Sprintf("delete from %s where id in (%s)", table, list(part))); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(keys[third:], 1000) {
		if err := b.execMy(ctx, fmt.Sprintf("update %s set name = concat(name, '!') where id in (%s)", table, list(part))); err != nil {
			return err
		}
	}
	return nil
}

// undo makes the rows of the keys what the formulas say.
func (b *bench) undo(ctx context.Context, table string, keys []int64) error {
	for part := range slices.Chunk(keys, 1000) {
		if err := b.execMy(ctx, fmt.Sprintf("delete from %s where id in (%s)", table, list(part))); err != nil {
			return err
		}
		rows := make([]string, 0, len(part))
		for _, k := range part {
			rows = append(rows, fmt.Sprintf("select %d n", k))
		}
		if err := b.execMy(ctx, fmt.Sprintf("insert into %s select %s from (%s) s", table, narrowRow[database.MySQL], strings.Join(rows, " union all "))); err != nil {
			return err
		}
	}
	return nil
}

func list(keys []int64) string {
	var s strings.Builder
	for i, k := range keys {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprint(&s, k)
	}
	return s.String()
}
