package cell

import "strings"

// ErrorCode is one of Excel's error values.
type ErrorCode uint8

// The codes are those of ERROR.TYPE, from 1 on.
const (
	ErrNull        ErrorCode = 1  // #NULL!: areas that do not intersect
	ErrDiv         ErrorCode = 2  // #DIV/0!
	ErrValue       ErrorCode = 3  // #VALUE!: of a wrong kind
	ErrRef         ErrorCode = 4  // #REF!: no such cell
	ErrName        ErrorCode = 5  // #NAME?: no such function or name
	ErrNum         ErrorCode = 6  // #NUM!: no such number
	ErrNA          ErrorCode = 7  // #N/A: not found
	ErrGettingData ErrorCode = 8  // #GETTING_DATA
	ErrSpill       ErrorCode = 9  // #SPILL!: no room for an array
	ErrConnect     ErrorCode = 10 // #CONNECT!
	ErrBlocked     ErrorCode = 11 // #BLOCKED!
	ErrUnknown     ErrorCode = 12 // #UNKNOWN!
	ErrField       ErrorCode = 13 // #FIELD!
	ErrCalc        ErrorCode = 14 // #CALC!: an array of nothing, or a function where a value is needed
)

var errorNames = [...]string{"", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
	"#SPILL!", "#CONNECT!", "#BLOCKED!", "#UNKNOWN!", "#FIELD!", "#CALC!"}

// String returns the text of the error as a cell shows it.
func (e ErrorCode) String() string {
	if int(e) < len(errorNames) {
		return errorNames[e]
	}
	return errorNames[ErrValue]
}

// ParseError returns the code whose text is s, in any case.
func ParseError(s string) (ErrorCode, bool) {
	if s == "" || s[0] != '#' {
		return 0, false
	}
	for i, name := range errorNames[1:] {
		if strings.EqualFold(s, name) {
			return ErrorCode(i + 1), true
		}
	}
	return 0, false
}
