// Package format writes values by number format codes, such as `#,##0.00;[Red](#,##0.00)` or `d mmm yyyy h:mm`, as the
// function TEXT and the cells of a sheet do, in English (United States).
//
// A code has up to four sections: for positive numbers, negative ones, zero, and text; or sections with conditions as
// [>100]. Colours and the language of a section are read and passed over, as is "*x", which fills the width of a cell. Digits
// beyond the fifteenth are zeros, and what is cut off is rounded half away from zero in decimal notation, as Excel
// does it.
package format
