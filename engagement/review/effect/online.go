package effect

import "fmt"

// Algorithm is how InnoDB carries out ALTER TABLE and its like, as the ALGORITHM clause names it, from
// the cheapest to the dearest (MariaDB knowledge base, "InnoDB Online DDL Overview"). That one is
// accepted does not say that little work is done: MariaDB accepts INSTANT for PARTITION BY and copies
// all rows, hence [Effect.Work].
type Algorithm uint8

const (
	NoAlgorithm Algorithm = iota // the statement has no such clause
	Instant                      // the dictionary only
	NoCopy                       // indexes may be built, the clustered index is not (MariaDB)
	Inplace                      // inside the engine; the clustered index may be rebuilt
	Copy                         // a new table, filled row by row
)

var algorithmNames = [...]string{NoAlgorithm: "", Instant: "INSTANT", NoCopy: "NOCOPY", Inplace: "INPLACE", Copy: "COPY"}

// Algorithms lists the algorithms from the cheapest to the dearest.
func Algorithms() []Algorithm { return []Algorithm{Instant, NoCopy, Inplace, Copy} }

// String is the name in SQL; empty for none.
func (a Algorithm) String() string {
	if int(a) >= len(algorithmNames) {
		return fmt.Sprintf("algorithm %d", uint8(a))
	}
	return algorithmNames[a]
}

// MarshalText is the name in SQL.
func (a Algorithm) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name in SQL; an empty text is none.
func (a *Algorithm) UnmarshalText(text []byte) error {
	for i, name := range algorithmNames {
		if string(text) == name {
			*a = Algorithm(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no algorithm of ALTER TABLE; they are INSTANT, NOCOPY, INPLACE, COPY", text)
}

// Admits is what InnoDB lets others do to a table during ALTER TABLE, as the LOCK clause names it, from
// the mildest to the strictest. All three take an exclusive metadata lock for a moment at the end, which
// waits for every open transaction that has touched the table.
type Admits uint8

const (
	UnknownAdmits Admits = iota // the statement has no such clause
	ReadsWrites                 // LOCK=NONE
	Reads                       // LOCK=SHARED
	Nothing                     // LOCK=EXCLUSIVE
)

var admitsNames = [...]string{UnknownAdmits: "", ReadsWrites: "NONE", Reads: "SHARED", Nothing: "EXCLUSIVE"}

// AllAdmits lists the values from the mildest to the strictest.
func AllAdmits() []Admits { return []Admits{ReadsWrites, Reads, Nothing} }

// String is the name of the LOCK clause; empty for unknown.
func (a Admits) String() string {
	if int(a) >= len(admitsNames) {
		return fmt.Sprintf("lock %d", uint8(a))
	}
	return admitsNames[a]
}

// MarshalText is the name of the LOCK clause.
func (a Admits) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name of the LOCK clause; an empty text is unknown.
func (a *Admits) UnmarshalText(text []byte) error {
	for i, name := range admitsNames {
		if string(text) == name {
			*a = Admits(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no LOCK clause of ALTER TABLE; they are NONE, SHARED, EXCLUSIVE", text)
}
