package fn

// tables are the tables of all files.
var tables = [][]*Func{
	annuities,
	cashFlows,
	depreciations,
	bonds,
	discounts,
	oddPeriods,
}
