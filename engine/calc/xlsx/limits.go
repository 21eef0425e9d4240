package xlsx

// What a workbook may have at most. Files that programs write stay far below; what is above was made to exhaust the
// reader, or is damaged.
const (
	// MaxParts is the number of parts of a file.
	MaxParts = 200_000
	// MaxSmallPart is the inflated size in bytes of a part that is read as a whole: workbook, styles, one table.
	MaxSmallPart = 64 << 20
	// MaxPart is the inflated size in bytes of any part.
	MaxPart = 64 << 30
	// MaxRatio is how many times greater than its compressed form a part above RatioFloor may be. XML of sheets has 5
	// to 60; deflate cannot exceed 1032.
	MaxRatio = 400
	// RatioFloor is the inflated size in bytes below which the ratio is of no concern.
	RatioFloor = 32 << 20
	// MaxElement is the size in bytes of one cell or one shared string as XML, which is kept in memory as a whole. (Excel
	// has at most 32,767 characters of text and 8,192 of formula in a cell.)
	MaxElement = 16 << 20
	// MaxNesting is the depth of XML elements in a sheet.
	MaxNesting = 256
)
