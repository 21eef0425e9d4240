package sqlddl

import (
	"regexp"
)

// dumpHeader is what programs write that copy a database into a file.
var dumpHeader = regexp.MustCompile(`(?im)^(?:--|#|/\*)[ \t!*]*(?:\d+ )?(?:(?:mysql|mariadb) dump|phpmyadmin sql dump|heidisql|dumping (?:data|structure) for|dumped from database version|postgresql database dump|adminer [\d.]+|navicat|sql dump|host:[ \t]+\S|server version:?[ \t]+\d)`)

// IsDump reports whether a program copied a database into this text: mysqldump, pg_dump, HeidiSQL,
// phpMyAdmin and their like say so in comments. Nobody writes such a file, so that no change of it stays.
func IsDump(src []byte) bool {
	return dumpHeader.Match(src[:min(len(src), 16<<10)])
}
