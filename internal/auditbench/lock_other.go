//go:build !unix

package main

import "os"

// lockStore does not lock where the system has no flock: one run at a time is the user's care there.
func lockStore(dir string) (unlock func(), err error) {
	return func() {}, os.MkdirAll(dir, 0o755)
}
