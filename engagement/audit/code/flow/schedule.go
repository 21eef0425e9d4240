package flow

import (
	"strconv"
	"strings"
	"time"
)

// CronPeriod returns the usual time between two starts of a cron expression of five or six fields, or of
// a word such as "@daily" or "5 minutes". It is 0 for what it can not read.
func CronPeriod(expr string) time.Duration {
	expr = strings.TrimSpace(strings.ToLower(expr))
	switch strings.TrimPrefix(expr, "@") {
	case "hourly":
		return time.Hour
	case "daily", "midnight":
		return day
	case "weekly":
		return 7 * day
	case "monthly":
		return 30 * day
	case "yearly", "annually":
		return 365 * day
	}
	expr = strings.TrimPrefix(strings.TrimPrefix(expr, "@every "), "every ")
	if d, err := time.ParseDuration(strings.ReplaceAll(expr, " ", "")); err == nil && d > 0 {
		return d
	}
	fields := strings.Fields(expr)
	if len(fields) == 2 {
		if n, err := strconv.Atoi(fields[0]); err == nil {
			return time.Duration(n) * unitOf(fields[1])
		}
	}
	if len(fields) == 6 { // seconds first
		if p := stepOf(fields[0], time.Second, 60); p < time.Minute {
			return p
		}
		fields = fields[1:]
	}
	if len(fields) != 5 {
		return 0
	}
	minute, hour, dom, month, dow := fields[0], fields[1], fields[2], fields[3], fields[4]
	wild := func(s string) bool { return s == "*" || s == "?" }
	switch {
	case stepOf(minute, time.Minute, 60) < time.Hour:
		return stepOf(minute, time.Minute, 60)
	case stepOf(hour, time.Hour, 24) < day:
		return stepOf(hour, time.Hour, 24)
	case !wild(month):
		return 365 * day
	case !wild(dom):
		return 30 * day
	case !wild(dow):
		return 7 * day
	}
	return day
}

const day = 24 * time.Hour

// stepOf is the time between two matches of one field whose unit repeats after size.
func stepOf(field string, unit time.Duration, size int) time.Duration {
	switch {
	case field == "*" || field == "?":
		return unit
	case strings.HasPrefix(field, "*/") || strings.HasPrefix(field, "0/"):
		if n, err := strconv.Atoi(field[2:]); err == nil && n > 0 && n < size {
			return time.Duration(n) * unit
		}
	case strings.Contains(field, ","):
		return time.Duration(size/(strings.Count(field, ",")+1)) * unit
	}
	return time.Duration(size) * unit
}

func unitOf(word string) time.Duration {
	switch strings.TrimSuffix(word, "s") {
	case "second", "sec":
		return time.Second
	case "minute", "min":
		return time.Minute
	case "hour":
		return time.Hour
	case "day":
		return day
	case "week":
		return 7 * day
	case "month":
		return 30 * day
	}
	return 0
}
