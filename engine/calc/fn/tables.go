package fn

// tables are the tables of all files.
var tables = [][]*Func{
	lookups,
	references,
	shapes,
	sorts,
	lambdaHelpers,
	criteriaFunctions,
	databaseFunctions,
}
