package model

import "github.com/napkin-infra/napkin/engine/calc/model/calendar"

// Part is a number that a period has. What is asked of a day is asked of the first day of the period, also where that
// lies before the axis.
type Part uint8

// Parts.
const (
	PartPeriod        Part = iota // the place of the period on the axis, from 1
	PartPeriods                   // how many periods there are
	PartDay                       // day of the month
	PartWeekday                   // 1 Monday to 7 Sunday, as in ISO 8601
	PartMonth                     // 1 to 12
	PartQuarter                   // 1 to 4, of the calendar
	PartYear                      // of the calendar
	PartFiscalMonth               // 1 to 12, from the start of the fiscal year
	PartFiscalQuarter             // 1 to 4
	PartFiscalYear                // the year in which the fiscal year ends
	PartDays                      // days of the period that lie in the axis
	PartDaysInMonth               // days of the month
	PartDaysInYear                // 365 or 366, of the calendar
	PartDayNumber                 // days from 1 January 1970
)

// Parts documents each [Part], at its number; it is called without arguments.
var Parts = [...]FuncInfo{
	PartPeriod:        {"period_number", "period_number()", "The place of the period on the time axis, from 1.", 0, 0},
	PartPeriods:       {"period_count", "period_count()", "How many periods the time axis has.", 0, 0},
	PartDay:           {"day_of_month", "day_of_month()", "The day of the month of the period's first day.", 0, 0},
	PartWeekday:       {"weekday", "weekday()", "1 for Monday to 7 for Sunday, of the period's first day.", 0, 0},
	PartMonth:         {"month_number", "month_number()", "1 to 12, of the period's first day.", 0, 0},
	PartQuarter:       {"quarter_number", "quarter_number()", "1 to 4, of the calendar year.", 0, 0},
	PartYear:          {"year_number", "year_number()", "The calendar year of the period's first day.", 0, 0},
	PartFiscalMonth:   {"fiscal_month", "fiscal_month()", "1 to 12, from the start of the fiscal year.", 0, 0},
	PartFiscalQuarter: {"fiscal_quarter", "fiscal_quarter()", "1 to 4, of the fiscal year.", 0, 0},
	PartFiscalYear:    {"fiscal_year", "fiscal_year()", "The year in which the fiscal year ends.", 0, 0},
	PartDays:          {"days_in_period", "days_in_period()", "How many days of the period lie in the time axis.", 0, 0},
	PartDaysInMonth:   {"days_in_month", "days_in_month()", "28 to 31, of the month of the period's first day.", 0, 0},
	PartDaysInYear:    {"days_in_year", "days_in_year()", "365 or 366, of the calendar year of the period's first day.", 0, 0},
	PartDayNumber:     {"day_number", "day_number()", "The days from 1 January 1970 to the period's first day.", 0, 0},
}

// String gives the name in the language.
func (p Part) String() string { return Parts[p].Name }

// Of gives the part of a period. grain is not None.
func (p Part) Of(axis *calendar.Axis, grain calendar.Grain, period int) float64 {
	first, _ := axis.WholeDays(grain, period)
	year, month, day := calendar.Civil(first)
	fiscal := year*12 + month - axis.FiscalMonth() // months since the fiscal year that ends in year 1 at the latest
	switch p {
	case PartPeriod:
		return float64(period + 1)
	case PartPeriods:
		return float64(axis.Len(grain))
	case PartDay:
		return float64(day)
	case PartWeekday:
		return float64(((first+3)%7+7)%7 + 1) // 1 January 1970 was a Thursday
	case PartMonth:
		return float64(month)
	case PartQuarter:
		return float64((month-1)/3 + 1)
	case PartYear:
		return float64(year)
	case PartFiscalMonth:
		return float64(fiscal%12 + 1)
	case PartFiscalQuarter:
		return float64(fiscal%12/3 + 1)
	case PartFiscalYear:
		if axis.FiscalMonth() == 1 {
			return float64(year)
		}
		return float64(fiscal/12 + 1)
	case PartDays:
		from, to := axis.Days(grain, period)
		return float64(to - from)
	case PartDayNumber:
		return float64(first)
	case PartDaysInMonth:
		return float64(calendar.DayNumber(year, month+1, 1) - calendar.DayNumber(year, month, 1))
	}
	return float64(calendar.DayNumber(year+1, 1, 1) - calendar.DayNumber(year, 1, 1))
}
