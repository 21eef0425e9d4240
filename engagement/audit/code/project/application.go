package project

import (
	"path"
	"regexp"
	"strings"
)

// ecosystem is the group of languages whose code one kind of manifest holds together.
type ecosystem uint8

const (
	anyEcosystem ecosystem = iota
	ruby
	python
	php
	node
	jvm
	golang
)

var ecosystems = map[string]ecosystem{
	"ruby": ruby, "erb": ruby, "haml": ruby, "slim": ruby, "python": python, "php": php, "blade": php,
	"typescript": node, "tsx": node, "javascript": node, "prisma": node, "java": jvm, "go": golang,
}

// manifest says what a file of a name tells about its folder. A folder that runs by itself or owns its
// schema is an application wherever it lies; one that only names its dependencies is one unless
// something of its kind stands around it: a workspace, a reactor, the application of a plug-in.
type manifest struct {
	kind ecosystem
	own  bool
}

var manifests = map[string]manifest{
	"Gemfile": {ruby, false}, "manage.py": {python, true}, "pyproject.toml": {python, false}, "requirements.txt": {python, false},
	"package.json": {node, false}, "go.mod": {golang, false}, "composer.json": {php, false}, "artisan": {php, true},
	"pom.xml": {jvm, false}, "build.gradle": {jvm, false}, "build.gradle.kts": {jvm, false},
}

// ownerPath is what only an application has, behind the folder of the application.
var ownerPath = regexp.MustCompile(`^(|.*/)(?:(config/application\.rb|db/schema\.rb|db/structure\.sql)|(prisma/schema\.prisma|prisma/schema/schema\.prisma))$`)

// libraryFolders are where repositories keep what their applications share.
var libraryFolders = map[string]bool{
	"packages": true, "libs": true, "lib": true, "libraries": true, "shared": true, "common": true, "engines": true, "gems": true, "modules": true, "pkg": true,
}

// applications are the folders of a tree that stand for themselves.
type applications struct {
	roots   map[string]map[ecosystem]bool // by folder, "" for the whole tree
	several bool                          // there is one below the root of the tree
}

// findApplications reads the paths of a tree. Tests, examples of third parties and generated code hold
// applications that are not the repository's.
func findApplications(files []*File) applications {
	own, named, gems := map[string]map[ecosystem]bool{}, map[string]map[ecosystem]bool{}, map[string]bool{}
	mark := func(in map[string]map[ecosystem]bool, dir string, kind ecosystem) {
		if in[dir] == nil {
			in[dir] = map[ecosystem]bool{}
		}
		in[dir][kind] = true
	}
	for _, f := range files {
		switch f.Role {
		case Test, Vendored, Generated, Docs:
			continue
		}
		dir, base := folder(f.Path), path.Base(f.Path)
		if m, ok := manifests[base]; ok {
			mark(named, dir, m.kind)
			if m.own {
				mark(own, dir, m.kind)
			}
		}
		if strings.HasSuffix(base, ".gemspec") {
			gems[dir] = true
		}
		if m := ownerPath.FindStringSubmatch(f.Path); m != nil {
			kind := ruby
			if m[3] != "" {
				kind = node
			}
			mark(own, strings.TrimSuffix(m[1], "/"), kind)
		}
	}
	a := applications{roots: own}
	for dir, kinds := range named {
		for kind := range kinds {
			if kind == ruby && gems[dir] || enclosed(dir, kind, named, gems) {
				continue
			}
			mark(a.roots, dir, kind)
		}
	}
	for dir := range a.roots {
		a.several = a.several || dir != ""
	}
	return a
}

// enclosed reports whether a folder above holds a manifest of the same kind.
func enclosed(dir string, kind ecosystem, named map[string]map[ecosystem]bool, gems map[string]bool) bool {
	for dir != "" {
		dir = folder(dir)
		if named[dir][kind] && !(kind == ruby && gems[dir]) {
			return true
		}
	}
	return false
}

// folder is the folder of a path, "" for the root of the tree.
func folder(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// Application returns the folder of the application that a file belongs to: the nearest around it that
// holds the manifest of its language or owns a schema. It is "" for the application at the root of the
// repository and for code of none, which serves all.
func (p *Project) Application(file string) string {
	if !p.applications.several {
		return ""
	}
	kind := anyEcosystem
	if f := p.byPath[file]; f != nil {
		kind = ecosystems[f.Lang]
	}
	for dir := file; dir != ""; {
		dir = folder(dir)
		if kinds := p.applications.roots[dir]; len(kinds) > 0 && (kind == anyEcosystem || kinds[kind]) {
			return dir
		}
	}
	return ""
}

// Nearness says how good an answer what stands in one file is for a name in another, by the
// applications they belong to: 3 for the same one, 2 for one around it or code of none, 1 for a library
// with a manifest of its own, 0 for another application. Equal names of a repository's applications are
// different things, and each asks for its own.
func (p *Project) Nearness(asking, answering string) int {
	if !p.applications.several {
		return 3
	}
	from, to := p.Application(asking), p.Application(answering)
	switch {
	case from == to:
		return 3
	case to == "" || strings.HasPrefix(from, to+"/"):
		return 2
	}
	for _, part := range strings.Split(to, "/") {
		if libraryFolders[part] {
			return 1
		}
	}
	return 0
}
