// Package formula reads the formulas of spreadsheets: text to tree and back.
//
// A tree is relative: a reference holds, for each of its ends, a fixed row or the distance to the row of the formula's
// own cell, and the same for columns (what Excel calls the R1C1 form). So all cells of a column that was filled down
// have one tree, and [Reader.Key] finds that without parsing a second time.
//
// The syntax is Excel's, in English, as .xlsx files hold it: prefixes _xlfn. and _xlws. are dropped, structured
// references, spill references (A1#), implicit intersection (@), 3-D and external references are read. Functions are
// not looked up here: a tree may call any name.
package formula
