package fn

// tables are the tables of all files.
var tables = [][]*Func{
	mathElementary,
	mathRound,
	mathInteger,
	mathSum,
	mathMatrix,
	mathAggregate,
	engBase,
	engSpecial,
	engComplex,
	engConvert,
	logical,
	information,
	textTable,
	textPartTable,
	textJoinTable,
	textSplitTable,
	textNumberTable,
	textWideTable,
	textRegexTable,
}
