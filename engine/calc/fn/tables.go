package fn

// tables are the tables of all files.
var tables = [][]*Func{
	textTable,
	textPartTable,
	textJoinTable,
	textSplitTable,
	textNumberTable,
	textWideTable,
	textRegexTable,
	dateTable,
	dateYearTable,
	dateWorkTable,
}
