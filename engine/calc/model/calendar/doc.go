// Package calendar is the time axis of a model: a range of days, cut into days, weeks, months, quarters and years.
//
// All grains of an [Axis] cover the same days. A period that reaches over an end of the axis (the week in which it
// begins, a fiscal year of which only a part is modelled) exists, and counts only for the days inside. Years and
// quarters may be fiscal; weeks begin on a day that can be chosen. Dates are days of the proleptic Gregorian calendar
// without a time of day or a zone. An Axis is not changed after it is made and may be used by several goroutines.
package calendar
