package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// mysqlPart reads the parts of an ALTER TABLE that only MySQL and MariaDB have.
func (a *tablePart) mysqlPart() {
	c := &a.c
	switch {
	case c.accept("MODIFY"):
		c.accept("COLUMN")
		c.accept("IF", "EXISTS")
		if col := c.column(); col != nil && col.Type.Raw != "" {
			x := a.one(Modify)
			x.Name, x.Column = col.Name, col
			return
		}
		a.unknown()
	case c.accept("CHANGE"):
		c.accept("COLUMN")
		c.accept("IF", "EXISTS")
		old := c.ident()
		if col := c.column(); old != "" && col != nil && col.Type.Raw != "" {
			x := a.one(Modify)
			x.Name, x.Column = old, col
			if col.Name != old {
				x.NewName = col.Name
			}
			return
		}
		a.unknown()
	case c.accept("CONVERT", "TO"):
		c.accept("CHARACTER")
		c.accept("SET")
		c.accept("CHARSET")
		a.one(ConvertCharset).NewName = strings.ToLower(c.ident())
	case c.is("CONVERT", "PARTITION"), c.is("CONVERT", "TABLE"):
		a.one(Partitioning).Option = "convert"
	case c.is("FORCE"):
		a.one(Rebuild).Option = "force"
	case c.any("ALGORITHM", "LOCK"):
		// Clauses of the whole statement, see parser.clauses.
	case c.is("ORDER", "BY"):
		a.one(TableOption).Option = "order by"
	case c.any("DISCARD", "IMPORT"):
		a.one(Tablespace).Option = strings.ToLower(c.peek(0).Text)
	case c.is("PARTITION", "BY"):
		a.one(Partitioning).Option = "by"
	case c.is("REMOVE", "PARTITIONING"):
		a.one(Partitioning).Option = "remove"
	case c.any("REORGANIZE", "COALESCE", "EXCHANGE", "TRUNCATE", "REBUILD", "OPTIMIZE", "ANALYZE", "CHECK", "REPAIR") && c.peek(1).Is("PARTITION"):
		x := a.one(Partitioning)
		x.Option = strings.ToLower(c.peek(0).Text)
		for x.Option == "exchange" && !c.done() {
			if c.i++; c.is("WITHOUT", "VALIDATION") {
				x.Option = "exchange without validation"
			}
		}
	default:
		a.options()
	}
}

// mysqlOptions are the options of a table that ALTER TABLE changes, each followed by a value.
var mysqlOptions = map[string]bool{
	"engine": true, "auto_increment": true, "comment": true, "row_format": true, "key_block_size": true, "charset": true, "collate": true, "stats_persistent": true,
	"stats_auto_recalc": true, "stats_sample_pages": true, "compression": true, "encryption": true, "tablespace": true, "max_rows": true, "min_rows": true, "avg_row_length": true,
	"checksum": true, "page_compressed": true, "page_compression_level": true, "encrypted": true, "pack_keys": true, "delay_key_write": true, "insert_method": true, "page_checksum": true, "transactional": true,
	"data directory": true, "index directory": true, "default charset": true, "default character set": true, "character set": true, "default collate": true,
}

// options reads table options, of which several may stand without commas between them.
func (a *tablePart) options() {
	c := &a.c
	found := false
	for !c.done() {
		name := strings.ToLower(c.peek(0).Text)
		words := 1
		for n := 2; n <= 3; n++ {
			joined := name
			for k := 1; k < n; k++ {
				joined += " " + strings.ToLower(c.peek(k).Text)
			}
			if mysqlOptions[joined] {
				name, words = joined, n
			}
		}
		if c.peek(0).Kind != sqltoken.Word || !mysqlOptions[name] {
			break
		}
		c.i += words
		c.op("=")
		value := strings.ToLower(c.peek(0).Value())
		c.i++
		found = true
		if name == "engine" {
			x := a.one(Rebuild)
			x.Option, x.NewName = "engine", value
			continue
		}
		x := a.one(TableOption)
		x.Option, x.NewName = name, value
	}
	if !found || !c.done() {
		a.unknown()
	}
}

// mysqlIndex reads [FULLTEXT | SPATIAL] {INDEX | KEY} [name] [USING m] (keys). It returns nil, with the
// cursor unmoved, when the tokens define a column.
func (c *cursor) mysqlIndex() *Index {
	start := c.i
	ix := &Index{}
	if c.accept("FULLTEXT") {
		ix.Method = "fulltext"
	} else if c.accept("SPATIAL") {
		ix.Method = "spatial"
	}
	c.acceptAny("INDEX", "KEY")
	c.accept("IF", "NOT", "EXISTS")
	if c.isName() && !c.is("USING") {
		ix.Name = c.ident()
	}
	if c.accept("USING") {
		ix.Method = strings.ToLower(c.ident())
	}
	if !c.peek(0).Op("(") {
		c.i = start
		return nil
	}
	c.indexKeys(ix, c.parens())
	ix.Rest = c.toks[min(c.i, len(c.toks)):]
	return ix
}

// renameTables reads MySQL's RENAME TABLE a TO b, c TO d.
func (p *parser) renameTables() {
	p.i = 1
	if !p.accept("TABLE") && !p.accept("TABLES") {
		p.unrecognised("this RENAME")
		return
	}
	p.accept("IF", "EXISTS")
	for {
		old := p.name()
		if old == "" || !p.accept("TO") {
			p.unrecognised("this RENAME TABLE")
			return
		}
		p.add(RenameTable, old).NewName = p.name()
		if !p.op(",") {
			return
		}
	}
}
