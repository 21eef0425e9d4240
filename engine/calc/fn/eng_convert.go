package fn

import (
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var engConvert = []*Func{
	{Name: "CONVERT", Category: "Engineering", Takes: "v v v", Doc: "a number converted from one unit to another; #N/A where there is no such unit or they measure different things", Body: engConvertUnits},
}

// convertUnit is a unit of measurement.
type convertUnit struct {
	names string  // all of them, with blanks between
	size  float64 // in the first unit of the quantity
	// power is to what power a prefix counts: 1 for kg, 2 for km2, 0 where there are no prefixes.
	power int
}

// The units that Excel's manual lists, with their sizes as the international yard and pound, the litre of 1964, the
// CODATA values of 2006 and the US survey foot of 1959 define them.
const (
	inch       = 0.0254
	pound      = 453.59237 // g
	surveyMile = 5280 * 1200.0 / 3937
	nautical   = 1852
	mile       = 1609.344
	lightYear  = 9.4607304725808e15
	pound4lbf  = 4.4482216152605 // N: the force of a pound
	usGallon   = 231 * inch * inch * inch * 1000
	ukGallon   = 4.54609
	horsepower = 550 * 12 * inch * pound4lbf // W
	cubicMetre = 1000                        // l
)

var convertQuantities = [][]convertUnit{
	{ // mass
		{"g", 1, 1}, {"sg", pound4lbf / (12 * inch) * 1000, 0}, {"lbm", pound, 0}, {"u", 1.660538782e-24, 1}, {"ozm", pound / 16, 0}, {"grain", pound / 7000, 0},
		{"cwt shweight", pound * 100, 0}, {"uk_cwt lcwt hweight", pound * 112, 0}, {"stone", pound * 14, 0}, {"ton", pound * 2000, 0}, {"uk_ton LTON brton", pound * 2240, 0},
	},
	{ // distance
		{"m", 1, 1}, {"mi", mile, 0}, {"Nmi", nautical, 0}, {"in", inch, 0}, {"ft", 12 * inch, 0}, {"yd", 36 * inch, 0}, {"ang", 1e-10, 1}, {"ell", 45 * inch, 0},
		{"ly", lightYear, 1}, {"parsec pc", 3.08567758128155e16, 1}, {"Picapt Pica", inch / 72, 0}, {"pica", inch / 6, 0}, {"survey_mi", surveyMile, 0},
	},
	{ // time
		{"sec s", 1, 1}, {"mn min", 60, 0}, {"hr", 3600, 0}, {"day d", 86400, 0}, {"yr", 365.25 * 86400, 0},
	},
	{ // pressure
		{"Pa p", 1, 1}, {"atm at", 101325, 1}, {"mmHg", 133.322, 1}, {"psi", pound4lbf / (inch * inch), 0}, {"Torr", 101325.0 / 760, 0},
	},
	{ // force
		{"N", 1, 1}, {"dyn dy", 1e-5, 1}, {"lbf", pound4lbf, 0}, {"pond", 9.80665e-3, 1},
	},
	{ // energy
		{"J", 1, 1}, {"e", 1e-7, 1}, {"c", 4.184, 1}, {"cal", 4.1868, 1}, {"eV ev", 1.602176487e-19, 1}, {"HPh hh", horsepower * 3600, 0}, {"Wh wh", 3600, 1},
		{"flb", 12 * inch * pound4lbf, 0}, {"BTU btu", 1055.05585262, 0},
	},
	{ // power
		{"W w", 1, 1}, {"HP h", horsepower, 0}, {"PS", 75 * 9.80665, 0},
	},
	{ // magnetism
		{"T", 1, 1}, {"ga", 1e-4, 1},
	},
	{ // volume
		{"l L lt", 1, 1}, {"tsp", usGallon / 768, 0}, {"tspm", 0.005, 0}, {"tbs", usGallon / 256, 0}, {"oz", usGallon / 128, 0}, {"cup", usGallon / 16, 0},
		{"pt us_pt", usGallon / 8, 0}, {"uk_pt", ukGallon / 8, 1}, {"qt", usGallon / 4, 0}, {"uk_qt", ukGallon / 4, 0}, {"gal", usGallon, 0}, {"uk_gal", ukGallon, 0},
		{"ang3 ang^3", 1e-30 * cubicMetre, 3}, {"barrel", usGallon * 42, 0}, {"bushel", 2150.42 * inch * inch * inch * cubicMetre, 0},
		{"ft3 ft^3", 1728 * inch * inch * inch * cubicMetre, 0}, {"in3 in^3", inch * inch * inch * cubicMetre, 0},
		{"ly3 ly^3", lightYear * lightYear * lightYear * cubicMetre, 0}, {"m3 m^3", cubicMetre, 3}, {"mi3 mi^3", mile * mile * mile * cubicMetre, 0},
		{"yd3 yd^3", 46656 * inch * inch * inch * cubicMetre, 0}, {"Nmi3 Nmi^3", nautical * nautical * nautical * cubicMetre, 0},
		{"Picapt3 Picapt^3 Pica3 Pica^3", inch * inch * inch / (72 * 72 * 72) * cubicMetre, 0},
		{"GRT regton", 172800 * inch * inch * inch * cubicMetre, 0}, {"MTON", 69120 * inch * inch * inch * cubicMetre, 0},
	},
	{ // area
		{"m2 m^2", 1, 2}, {"uk_acre", mile * mile / 640, 0}, {"us_acre", surveyMile * surveyMile / 640, 0}, {"ang2 ang^2", 1e-20, 2}, {"ar", 100, 1}, {"ha", 10000, 0},
		{"ft2 ft^2", 144 * inch * inch, 0}, {"in2 in^2", inch * inch, 0}, {"ly2 ly^2", lightYear * lightYear, 0}, {"Morgen", 2500, 0}, {"mi2 mi^2", mile * mile, 0},
		{"Nmi2 Nmi^2", nautical * nautical, 0}, {"Picapt2 Picapt^2 Pica2 Pica^2", inch * inch / (72 * 72), 0}, {"yd2 yd^2", 1296 * inch * inch, 0},
	},
	{ // information
		{"bit", 1, 1}, {"byte", 8, 1},
	},
	{ // speed
		{"m/s m/sec", 1, 1}, {"m/h m/hr", 1.0 / 3600, 1}, {"mph", mile / 3600, 1}, {"kn", nautical / 3600.0, 0}, {"admkn", 6080 * 12 * inch / 3600, 0},
	},
	{ // temperature, whose sizes are those of a degree
		{"K kel", 1, 1}, {"C cel", 1, 0}, {"F fah", 5.0 / 9, 0}, {"Rank", 5.0 / 9, 0}, {"Reau", 1.25, 0},
	},
}

var convertPrefixes = map[string]float64{
	"Y": 1e24, "Z": 1e21, "E": 1e18, "P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "h": 1e2, "da": 1e1, "e": 1e1,
	"d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "a": 1e-18, "z": 1e-21, "y": 1e-24,
}

// Binary prefixes are for bits and bytes only.
var convertBinary = map[string]float64{
	"ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60, "Zi": 1 << 70, "Yi": 1 << 80,
}

// convertible is a unit by one of its names, with its prefix.
type convertible struct {
	quantity *[]convertUnit
	name     string  // without prefix
	size     float64 // with prefix
	power    int
}

var convertNames = sync.OnceValue(func() map[string]convertible {
	m := map[string]convertible{}
	for i := range convertQuantities {
		for _, u := range convertQuantities[i] {
			names := strings.Fields(u.names)
			for _, name := range names {
				m[name] = convertible{&convertQuantities[i], names[0], u.size, u.power}
			}
		}
	}
	return m
})

// findUnit reads a unit, which may have a prefix.
func findUnit(s string) (convertible, bool) {
	names := convertNames()
	if u, ok := names[s]; ok {
		return u, true
	}
	for n := 1; n <= 2 && n < len(s); n++ {
		u, ok := names[s[n:]]
		if !ok || u.power == 0 {
			continue
		}
		by, ok := convertPrefixes[s[:n]]
		if !ok && (u.name == "bit" || u.name == "byte") {
			by, ok = convertBinary[s[:n]]
		}
		if ok {
			for range u.power {
				u.size *= by
			}
			return u, true
		}
	}
	return convertible{}, false
}

func engConvertUnits(c *Call) cell.Value {
	v := strictNumber(c, c.Args[0])
	if v.IsError() {
		return v
	}
	x := v.Float()
	from, ok := findUnit(cell.ToText(c.Args[1]).Text())
	to, too := findUnit(cell.ToText(c.Args[2]).Text())
	if !ok || !too || from.quantity != to.quantity {
		return cell.Err(cell.ErrNA)
	}
	if from.quantity == &convertQuantities[len(convertQuantities)-1] && from.name != to.name {
		return cell.Num(convertTemperature(x, from, to))
	}
	if from.size == to.size {
		return v
	}
	return cell.Num(float64(x*from.size) / to.size)
}

// Where water freezes, in kelvin and in degrees Rankine.
const (
	freezing        = 273.15
	freezingRankine = 491.67
)

// convertTemperature goes by way of degrees Celsius, so that those come out whole where they are; but from one
// absolute scale to the other directly.
func convertTemperature(x float64, from, to convertible) float64 {
	var celsius float64
	switch from.name {
	case "F":
		celsius = (x - 32) * 5 / 9
	case "K":
		if to.name == "Rank" {
			return x * from.size * 9 / 5
		}
		celsius = float64(x*from.size) - freezing
	case "Rank":
		if to.name == "K" {
			return x * 5 / 9 / to.size
		}
		celsius = (x - freezingRankine) * 5 / 9
	default:
		celsius = x * from.size
	}
	switch to.name {
	case "F":
		return float64(celsius*9/5) + 32
	case "K":
		return (celsius + freezing) / to.size
	case "Rank":
		return float64(celsius*9/5) + freezingRankine
	}
	return celsius / to.size
}
