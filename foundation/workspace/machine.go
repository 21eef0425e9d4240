package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Machine is the folders of this user on this machine, by the XDG base directory specification.
type Machine struct {
	Config string // configuration: $XDG_CONFIG_HOME/napkin
	State  string // the measured profile: $XDG_STATE_HOME/napkin
	Cache  string // what can be made again: $XDG_CACHE_HOME/napkin
}

// ThisMachine reads the folders from the environment, through getenv. Without a home the folders are
// empty, and nothing is read or kept.
func ThisMachine(getenv func(string) string) Machine {
	home := getenv("HOME")
	folder := func(variable, fallback string) string {
		base := getenv(variable)
		// The specification says that relative paths are to be ignored.
		if !filepath.IsAbs(base) {
			if !filepath.IsAbs(home) {
				return ""
			}
			base = filepath.Join(home, fallback)
		}
		return filepath.Join(base, "napkin")
	}
	return Machine{
		Config: folder("XDG_CONFIG_HOME", ".config"),
		State:  folder("XDG_STATE_HOME", ".local/state"),
		Cache:  folder("XDG_CACHE_HOME", ".cache"),
	}
}

// ratesFile is the file of the measured profile. It is JSON and not a database: every run reads it.
const ratesFile = "rates.json"

// AddRates keeps measured rates of this machine beside those that were kept before; of the same name the new
// one stands. A profile that is damaged is an error, and stays as it is.
func (m Machine) AddRates(rates []rate.Rate) (path string, err error) {
	kept, err := m.Rates()
	if err != nil {
		return "", err
	}
	return m.SaveRates(rate.NewProfile(kept...).With(rates...).All())
}

// SaveRates keeps the measured rates of this machine, replacing earlier ones.
func (m Machine) SaveRates(rates []rate.Rate) (path string, err error) {
	if m.State == "" {
		return "", errors.New("keep the measured rates: neither HOME nor XDG_STATE_HOME is set")
	}
	data, err := json.MarshalIndent(rates, "", "  ")
	if err != nil {
		return "", fmt.Errorf("keep the measured rates: %w", err)
	}
	if err := os.MkdirAll(m.State, 0o755); err != nil {
		return "", fmt.Errorf("keep the measured rates: %w", readOnly(err))
	}
	path = filepath.Join(m.State, ratesFile)
	return path, replace(path, append(data, '\n'))
}

// Rates returns the measured rates of this machine; none when it was never measured. An entry that
// cannot be a rate is an error, because costs would be computed from it.
func (m Machine) Rates() ([]rate.Rate, error) {
	if m.State == "" {
		return nil, nil
	}
	path := filepath.Join(m.State, ratesFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the measured rates: %w", err)
	}
	var rates []rate.Rate
	if err := json.Unmarshal(data, &rates); err != nil {
		return nil, fmt.Errorf("read the measured rates: %s is damaged; run `napkin rates measure` again: %w", path, err)
	}
	for _, r := range rates {
		err := r.Check()
		if err == nil && r.Origin != rate.Measured {
			err = fmt.Errorf("%s was not measured", r.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("read the measured rates: %s has an entry that is none: %w; run `napkin rates measure` again", path, err)
		}
	}
	return rates, nil
}

// Profile returns the published rates under the measured ones of this machine. A measurement with the
// verdict invalid stays out: what is published is better than it.
func (m Machine) Profile() (*rate.Profile, error) {
	measured, err := m.Rates()
	usable := slices.DeleteFunc(measured, func(r rate.Rate) bool { return r.Verdict == rate.Invalid })
	return rate.Embedded().With(usable...), err
}
