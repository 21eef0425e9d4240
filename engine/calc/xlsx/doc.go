// Package xlsx reads workbooks (.xlsx, .xlsm) and writes new values into them. It is made for sheets of millions of
// formulas: sheet data is inflated and scanned in windows of some hundred KiB, so that memory does not grow with the file.
//
// [Open] reads what is small: the list of parts, the workbook, names, tables, number formats. [File.Read] scans the
// sheets, several at once, and gives their cells to a [Sink] each. [File.Write] makes a copy of the file in which cells
// have the values that a [Source] gives. All parts without a changed value, and all bytes of a sheet around the changed values,
// stay what they were.
//
// A workbook is foreign: every size, checksum and reference is checked, what is wrong is an [*Error] that names
// the part and, where there is one, the sheet and the cell. Nothing in a file makes this package panic or keep
// memory beyond the limits that it exports. Documents with a DTD, in UTF-16, encrypted, or binary (.xlsb) are refused.
//
// The format is ECMA-376 part 1 (SpreadsheetML), in its transitional and its strict form; the container is APPNOTE.TXT
// of PKWARE, with ZIP64.
package xlsx
