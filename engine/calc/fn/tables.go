package fn

// tables are the tables of all files.
var tables = [][]*Func{
	statAggregateTable,
	statOrderTable,
	statPairTable,
	statFitTable,
	statTestTable,
	statContinuousTable,
	statDiscreteTable,
}
