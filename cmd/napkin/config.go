package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/napkin-infra/napkin/foundation/workspace"
)

// A setting that no flag gives is looked for in the environment, then in the napkin.toml of the
// project, then in the user's config.toml. Every layer is set through the flag itself, so that one
// parser and one message serve all.

// Files that may hold a setting. The project's file comes with the code base, which may be a
// stranger's: it may say what the system is like, but not where to write or how to print.
const (
	userFile    = "user"
	projectFile = "project"
)

const configAnnotation = "napkin_config"

// configurable marks flags that configuration files may set: the user's file, or the project's too.
func configurable(flags *pflag.FlagSet, file string, names ...string) {
	for _, name := range names {
		// The names are literals beside the flags' definitions; a wrong one is found by a test.
		_ = flags.SetAnnotation(name, configAnnotation, []string{file})
	}
}

// lowerSetter is a flag whose layers merge: what a higher layer set stays, the rest is added.
type lowerSetter interface{ SetLower(string) error }

// configure fills the flags of a verb that the command line did not give. project is the folder whose
// napkin.toml counts, or empty.
func (f *face) configure(cmd *cobra.Command, project string) error {
	layers := []layer{f.environment()}
	if project != "" {
		l, err := readLayer(filepath.Join(project, "napkin.toml"), cmd, projectFile)
		if err != nil {
			return err
		}
		layers = append(layers, l)
	}
	if dir := workspace.ThisMachine(f.getenv).Config; dir != "" {
		l, err := readLayer(filepath.Join(dir, "config.toml"), cmd, userFile)
		if err != nil {
			return err
		}
		layers = append(layers, l)
	}
	var failed error
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if failed == nil && len(flag.Annotations[configAnnotation]) > 0 {
			failed = fill(flag, layers)
		}
	})
	return failed
}

// layer is one place of settings: it returns the values of a flag and how to name their source.
type layer func(flag *pflag.Flag) (values []string, source string)

// fill sets a flag from the highest layer that has it; a flag whose layers merge, from all.
func fill(flag *pflag.Flag, layers []layer) error {
	merge, merges := flag.Value.(lowerSetter)
	if flag.Changed && !merges {
		return nil
	}
	for _, l := range layers {
		values, source := l(flag)
		for _, value := range values {
			set := flag.Value.Set
			if merges {
				set = merge.SetLower
			}
			if err := set(value); err != nil {
				return fmt.Errorf("%s = %q: %w", source, value, err)
			}
		}
		if len(values) > 0 && !merges {
			return nil
		}
	}
	return nil
}

func (f *face) environment() layer {
	return func(flag *pflag.Flag) ([]string, string) {
		name := "NAPKIN_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value := f.getenv(name)
		switch {
		case value == "":
			return nil, ""
		case strings.HasPrefix(flag.Value.Type(), "list"):
			return strings.Split(value, ","), name
		}
		return []string{value}, name
	}
}

// maxConfig bounds a configuration file: more than this is no such file.
const maxConfig = 1 << 20

// readLayer reads one TOML file. Settings stand in a table named after the verb; a file that is not
// there is empty, an unknown setting is an error.
func readLayer(path string, cmd *cobra.Command, kind string) (layer, error) {
	none := func(*pflag.Flag) ([]string, string) { return nil, "" }
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err == nil && kind == projectFile && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file; settings are not read through links", path)
	}
	if err == nil && info.Size() > maxConfig {
		return nil, fmt.Errorf("%s is too large for a configuration file", path)
	}
	var document map[string]any
	if _, err := toml.DecodeFile(path, &document); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if document[cmd.Name()] == nil {
		return none, nil
	}
	table, ok := document[cmd.Name()].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: %s is not a table; write [%s]", path, cmd.Name(), cmd.Name())
	}
	values := make(map[string][]string, len(table))
	for key, value := range table {
		flag := cmd.Flags().Lookup(key)
		switch {
		case flag == nil || len(flag.Annotations[configAnnotation]) == 0:
			return nil, fmt.Errorf("%s: [%s] has no setting %q; `%s --help` lists them", path, cmd.Name(), key, cmd.CommandPath())
		case kind == projectFile && flag.Annotations[configAnnotation][0] != projectFile:
			return nil, fmt.Errorf("%s: %q is the user's choice, not the project's; set it by flag, environment or in the user's config.toml", path, key)
		}
		list, err := texts(value)
		if err != nil {
			return nil, fmt.Errorf("%s: [%s] %s: %w", path, cmd.Name(), key, err)
		}
		values[key] = list
	}
	return func(flag *pflag.Flag) ([]string, string) {
		return values[flag.Name], fmt.Sprintf("%s: [%s] %s", path, cmd.Name(), flag.Name)
	}, nil
}

// texts turns a TOML value into what the flag would have been given: a list into several values, a
// table into NAME=VALUE pairs.
func texts(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case bool, int64, float64:
		return []string{fmt.Sprint(v)}, nil
	case []any:
		var all []string
		for _, item := range v {
			list, err := texts(item)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
		}
		return all, nil
	case map[string]any:
		var all []string
		for name, item := range v {
			list, err := texts(item)
			if _, nested := item.(map[string]any); nested || err != nil || len(list) != 1 {
				return nil, fmt.Errorf("%s is not a single value", name)
			}
			all = append(all, name+"="+list[0])
		}
		sort.Strings(all)
		return all, nil
	}
	return nil, fmt.Errorf("%v is not a value that a flag takes", value)
}
