package sqltoken

// rules are the options and the dialect as single questions.
type rules struct {
	tolerant bool
	query    bool

	blanks       bool       // byte order marks and no-break spaces are white space
	spacedDashes bool       // -- begins a comment before white space only
	hash         hashRule   // where # begins a comment
	slashes      bool       // // at the start of a line begins a comment
	code         bool       // /*! ... */ is code
	comments     nesting    // of /* ... */
	double       doubleRule // what "a" is
	brackets     bool       // [a] is a name
	unicode      bool       // U&'a', E'a'
	dollarQuotes bool
	dollarName   Kind // of $name
	variables    bool // @name
	dotted       bool // @@global.name is one token
	colonQuotes  bool // :'name', :"name"
	colons       bool // :name
	questions    bool // ?
}

type hashRule uint8

const (
	hashNever hashRule = iota
	hashLineStart
	hashAnywhere
)

type nesting uint8

const (
	nestNever nesting = iota
	nestAlways
	nestIfClosed
)

type doubleRule uint8

const (
	doubleName doubleRule = iota
	doubleEscapedName
	doubleString
)

// rulesOf holds the table of the package's documentation.
func rulesOf(opt Options) rules {
	if opt.Tolerant {
		r := rules{tolerant: true, query: opt.Query, blanks: true, hash: hashLineStart, slashes: !opt.Query, code: true, comments: nestIfClosed,
			double: doubleEscapedName, brackets: true, unicode: true, dollarQuotes: true, dollarName: Param, variables: true, colons: opt.Query, questions: opt.Query}
		switch {
		case opt.Query:
			r.hash, r.dollarName = hashNever, Template // $table in a PHP or shell string
		case opt.Dialect == MySQL:
			r.hash = hashAnywhere
		}
		return r
	}
	switch opt.Dialect {
	case PostgreSQL:
		return rules{query: opt.Query, comments: nestAlways, unicode: true, dollarQuotes: true, dollarName: Punct, colons: true, colonQuotes: true, questions: opt.Query}
	case MySQL:
		return rules{query: opt.Query, spacedDashes: true, hash: hashAnywhere, code: true, double: doubleString, dollarName: Word, variables: true, dotted: true,
			colons: true, colonQuotes: true, questions: true}
	}
	return rules{query: opt.Query, brackets: true, dollarName: Param, variables: true, colons: true, colonQuotes: true, questions: true}
}
