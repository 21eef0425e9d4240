package myoracle

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// picture is what InnoDB and the session know at one moment.
type picture struct {
	tables  map[string]uint64 // identities by name, partitions apart: "t#P#p0"
	ids     map[uint64]string // the same turned round
	bases   map[string]int    // how many tables or partitions a table has
	indexes map[uint64]uint64 // the table of each index
	rows    map[string]int64  // by table, as counted
	read    int64             // rows read by the session
	written int64             // rows written by the session
	redo    int64             // position of the redo log
}

// base is the name of the table that a partition belongs to.
func base(name string) string {
	table, _, _ := strings.Cut(name, "#")
	return table
}

// gone counts the tables and partitions of a table that are not there any more under any name.
func (p *picture) gone(table string, after *picture) (n int) {
	for name, id := range p.tables {
		if _, there := after.ids[id]; base(name) == table && !there {
			n++
		}
	}
	return n
}

// question is a query and what to do with each row of its answer.
type question struct {
	sql string
	row func(r *mysql.Result, i int) error
}

// look takes the picture of the current database. Asking reads rows of its own, so before the statement the
// counters come last, and after it first.
func (o *Oracle) look(after bool) (*picture, error) {
	p := &picture{tables: map[string]uint64{}, ids: map[uint64]string{}, bases: map[string]int{}, indexes: map[uint64]uint64{}, rows: map[string]int64{}}
	questions := []question{
		{"select table_id, substring(name, length(database()) + 2) from information_schema.innodb_sys_tables where name like concat(database(), '/%')", func(r *mysql.Result, i int) error {
			id, err := r.GetUint(i, 0)
			if err != nil {
				return err
			}
			name, err := r.GetString(i, 1)
			if strings.HasPrefix(name, "FTS_") {
				return err // parts of a full-text index
			}
			p.tables[name], p.ids[id] = id, name
			p.bases[base(name)]++
			return err
		}},
		{"select i.index_id, i.table_id from information_schema.innodb_sys_indexes i join information_schema.innodb_sys_tables t using (table_id) where t.name like concat(database(), '/%')", func(r *mysql.Result, i int) error {
			id, err := r.GetUint(i, 0)
			if err != nil {
				return err
			}
			p.indexes[id], err = r.GetUint(i, 1)
			return err
		}},
		{"select table_name, table_rows from information_schema.tables where table_schema = database() and table_rows is not null", func(r *mysql.Result, i int) error {
			name, err := r.GetString(i, 0)
			if err != nil {
				return err
			}
			p.rows[name], err = r.GetInt(i, 1)
			return err
		}},
		{"show global status like 'Innodb_lsn_current'", func(r *mysql.Result, i int) (err error) {
			p.redo, err = r.GetInt(i, 1)
			return err
		}},
		{"show session status where variable_name in ('Handler_read_rnd_next', 'Handler_read_next', 'Handler_write', 'Handler_update', 'Handler_delete')", func(r *mysql.Result, i int) error {
			name, err := r.GetString(i, 0)
			if err != nil {
				return err
			}
			n, err := r.GetInt(i, 1)
			if strings.HasPrefix(name, "Handler_read") {
				p.read += n
			} else {
				p.written += n
			}
			return err
		}},
	}
	if after {
		slices.Reverse(questions)
	}
	for _, q := range questions {
		r, err := o.subject.Execute(q.sql)
		if err != nil {
			return nil, fmt.Errorf("read the state of InnoDB: %w", err)
		}
		for i := range r.RowNumber() {
			if err := q.row(r, i); err != nil {
				return nil, fmt.Errorf("read the state of InnoDB: %w", err)
			}
		}
	}
	return p, nil
}

// filled says whether a table or partition, by its name in InnoDB, has rows.
func (o *Oracle) filled(name string) (bool, error) {
	table, partition, partitioned := strings.Cut(name, "#P#")
	from := "`" + table + "`"
	if partitioned {
		partition, _, _ = strings.Cut(partition, "#SP#")
		from += " partition (`" + partition + "`)"
	}
	r, err := o.subject.Execute("select 1 from " + from + " limit 1")
	if refused := (*mysql.MyError)(nil); errors.As(err, &refused) {
		return false, nil // what is being dropped has no rows for anybody
	}
	if err != nil {
		return false, err
	}
	return r.RowNumber() > 0, nil
}
