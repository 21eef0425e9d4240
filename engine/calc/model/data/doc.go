// Package data reads what a model takes from outside: CSV files and queries of databases, row by row.
//
// [Files] is the [model.Rows] of both; other formats are added to it by name. [Stream] and [Collect] turn the rows of an
// input into cells. Numbers have a decimal point and no thousands separators; a row whose value is empty is passed over;
// dates are periods as the language writes them (2024-03, 2024-W05), or days that are put into the period which
// contains them. Errors name the source and the row.
package data
