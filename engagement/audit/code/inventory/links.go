package inventory

import (
	"errors"
	"io/fs"
	"path"
	"sort"
)

// links notes the symbolic links to folders: nobody misses a link that leads nowhere, but a folder of
// models behind one was not read.
func (l *Listing) links() {
	var folders []string
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Skip != linked {
			continue
		}
		info, err := l.root.Stat(e.Path) // refuses to leave the root
		if err == nil && info.IsDir() || err != nil && !errors.Is(err, fs.ErrNotExist) && path.Ext(e.Path) == "" {
			folders = append(folders, e.Path)
		}
	}
	if len(folders) > 0 {
		sort.Strings(folders)
		l.note("%s not entered (%s): what lies behind it was read only if it is in the tree by another path.",
			plural(len(folders), "symbolic link to a folder was", "symbolic links to folders were"), firstOf(folders, 5))
	}
}
