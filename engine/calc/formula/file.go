package formula

import (
	"slices"
	"strings"
	"sync"
)

// FileText is [Text] as files hold formulas: functions that came after Excel 2007 and the variables of LET and LAMBDA have the prefixes without
// which Excel knows neither (MS-XLSX 2.2.2, future functions), and @ and # are written as functions.
func FileText(e Expr, row, col int32) string {
	p := printer{row: row, col: col, file: true}
	p.expr(e, 0)
	return p.String()
}

// future are the functions that came after Excel 2007, by the prefix that they have in files. ISO.CEILING, NETWORKDAYS.INTL and WORKDAY.INTL came
// after it too, and have none.
var future = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for prefix, names := range map[string]string{
		"_xlfn._xlws.": "FILTER SORT",
		"_xlfn.": `ACOT ACOTH AGGREGATE ANCHORARRAY ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV BITAND BITLSHIFT
			BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST CHOOSECOLS
			CHOOSEROWS COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH DAYS DECIMAL DETECTLANGUAGE DROP
			ENCODEURL ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT F.INV F.INV.RT F.TEST FIELDVALUE FILTERXML FLOOR.MATH FLOOR.PRECISE
			FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV
			GAMMALN.PRECISE GAUSS GROUPBY HSTACK HYPGEOM.DIST IFNA IFS IMAGE IMCOSH IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA ISOMITTED
			ISOWEEKNUM LAMBDA LET LOGNORM.DIST LOGNORM.INV MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST NORM.INV
			NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC PERCENTOF PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI
			PIVOTBY POISSON.DIST QUARTILE.EXC QUARTILE.INC QUERYSTRING RANDARRAY RANK.AVG RANK.EQ REDUCE REGEXEXTRACT REGEXREPLACE REGEXTEST RRI
			SCAN SEC SECH SEQUENCE SHEET SHEETS SINGLE SKEW.P SORTBY STDEV.P STDEV.S STOCKHISTORY SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T
			T.TEST TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW TRANSLATE TRIMRANGE UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S VSTACK
			WEBSERVICE WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR Z.TEST`} {
		for _, name := range strings.Fields(names) {
			m[name] = prefix
		}
	}
	return m
})

// variable is the prefix of the names that LET and LAMBDA bind, and optionalVariable that of parameters which may be left out.
const (
	variable         = "_xlpm."
	optionalVariable = "_xlop."
)

// variableName is the name of a variable.
func variableName(n *Name) string {
	if n.Optional {
		return optionalVariable + n.Text
	}
	return variable + n.Text
}

// fileName is the name of a function, or of a variable that holds one.
func (p *printer) fileName(e *Call) string {
	switch {
	case p.binds(e.Name):
		return variable + e.Name
	case future()[e.Name] != "":
		return future()[e.Name] + e.Name
	}
	return e.Prefix + e.Name
}

// binds reports whether a name is a variable here.
func (p *printer) binds(name string) bool {
	return slices.ContainsFunc(p.bound, func(s string) bool { return strings.EqualFold(s, name) })
}

// binding writes a call of LET or LAMBDA, whose arguments bind names, and reports false for other calls.
func (p *printer) binding(e *Call) bool {
	if !p.file || e.Of != nil || e.Name != "LET" && e.Name != "LAMBDA" || p.binds(e.Name) {
		return false
	}
	outer := len(p.bound)
	p.WriteString(future()[e.Name] + e.Name + "(")
	name := ""
	for i, a := range e.Args {
		if i > 0 {
			p.WriteByte(',')
		}
		n, ok := a.(*Name)
		binds := ok && !n.Sheets.Given && i < len(e.Args)-1 && (e.Name == "LAMBDA" || i%2 == 0)
		if !binds {
			p.expr(a, 0)
			if e.Name == "LET" && name != "" {
				p.bound, name = append(p.bound, name), ""
			}
			continue
		}
		p.WriteString(variableName(n))
		if e.Name == "LAMBDA" {
			p.bound = append(p.bound, n.Text)
		} else {
			name = n.Text
		}
	}
	p.WriteByte(')')
	p.bound = p.bound[:outer]
	return true
}

// operator writes @ and # as the functions that they are in files, and reports false for other operators.
func (p *printer) operator(e *Unary) bool {
	name := map[string]string{"@": "SINGLE", "#": "ANCHORARRAY"}[e.Op]
	if !p.file || name == "" {
		return false
	}
	p.WriteString(future()[name] + name + "(")
	p.expr(e.X, 0)
	p.WriteByte(')')
	return true
}
