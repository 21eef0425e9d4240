package fn

// tables are the tables of all files.
var tables = [][]*Func{
	annuities,
	cashFlows,
	depreciations,
	bonds,
	discounts,
	oddPeriods,
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
}
