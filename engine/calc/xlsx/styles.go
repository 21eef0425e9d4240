package xlsx

// builtinFormats are the number formats that a file refers to without writing them out (ECMA-376 part 1, 18.8.30), as
// they are in English. 14 and 22 follow the user's locale in Excel.
var builtinFormats = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
	5: `"$"#,##0_);\("$"#,##0\)`, 6: `"$"#,##0_);[Red]\("$"#,##0\)`, 7: `"$"#,##0.00_);\("$"#,##0.00\)`, 8: `"$"#,##0.00_);[Red]\("$"#,##0.00\)`,
	9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yyyy h:mm",
	37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
	41: `_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)`, 42: `_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)`,
	43: `_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)`, 44: `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}

// loadStyles reads the number format of each cell style.
func (f *File) loadStyles(e *entry) error {
	var doc struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Styles []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := f.decode(e, &doc); err != nil {
		return err
	}
	own := make(map[int]string, len(doc.Formats))
	for _, n := range doc.Formats {
		own[n.ID] = string(unescape([]byte(n.Code)))
	}
	if len(doc.Styles) == 0 {
		return nil
	}
	f.workbook.Formats = make([]string, len(doc.Styles))
	for i, s := range doc.Styles {
		code, ok := own[s.Format]
		if !ok {
			code, ok = builtinFormats[s.Format]
		}
		if !ok {
			code = "General"
		}
		f.workbook.Formats[i] = code
	}
	return nil
}
