package config

import (
	"math"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// Mask stands where a secret stood. Its length says nothing about the secret's.
const Mask = "********"

// MaskSecrets returns a line of source with what looks like a secret replaced by [Mask]: passwords in
// URLs and connection strings, values assigned to names such as password, api_key or client_secret,
// tokens of known issuers, bearer tokens and private keys. References to a secret (variables, calls,
// placeholders, template tags) are left, as is ordinary code. A single line cannot show that it lies
// inside a PEM block or below a Kubernetes `name: DB_PASSWORD`: use [MaskLines] for excerpts.
func MaskSecrets(line string) string { return maskLine(line, false) }

// MaskLines masks an excerpt of a file line by line. In configuration files, where an unquoted word is
// a value and never a variable, it is stricter than [MaskSecrets]; it follows PEM blocks and the
// name/value pairs of Kubernetes across lines. The result has as many lines as the input.
func MaskLines(file string, lines []string) []string {
	strict := isConfigFile(file)
	out := make([]string, len(lines))
	pem, named := false, false
	for i, l := range lines {
		if !pem && pemMiddle(lines, i) {
			pem = true
		}
		switch {
		case strings.Contains(l, "-----BEGIN ") && strings.Contains(l, "PRIVATE KEY"):
			out[i] = maskLine(l, strict)
			pem = !strings.Contains(l, "-----END ")
			continue
		case pem && strings.Contains(l, "-----END "):
			pem = false
			out[i] = l
			continue
		case pem:
			indent := l[:len(l)-len(strings.TrimLeft(l, " \t\"'+"))]
			out[i] = indent + Mask
			continue
		}
		out[i] = maskLine(l, strict)
		if i > 0 {
			out[i] = maskAfterFlag(lines[i-1], out[i])
		}
		if i+1 < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i+1]), "-") {
			if m := kubeName.FindStringSubmatch(lines[i+1]); m != nil {
				named = secretish(m[1]) // value: first, name: behind it
			}
		}
		if m := kubeValue.FindStringSubmatchIndex(out[i]); named && m != nil && !isReference(unquoteValue(out[i][m[2]:m[3]], false)) {
			out[i] = out[i][:m[2]] + Mask
		}
		if m := kubeName.FindStringSubmatch(l); m != nil {
			named = secretish(m[1])
		} else if strings.TrimSpace(l) != "" {
			named = false
		}
	}
	return out
}

// pemMiddle reports whether the excerpt begins inside a PEM block: base64 lines up to an END line of a
// private key, without a BEGIN before.
func pemMiddle(lines []string, i int) bool {
	if i != 0 {
		return false
	}
	for _, l := range lines {
		if strings.Contains(l, "-----BEGIN ") {
			return false
		}
		if strings.Contains(l, "-----END ") && strings.Contains(l, "PRIVATE KEY") {
			return true
		}
	}
	return false
}

var (
	kubeName  = regexp.MustCompile(`^\s*-?\s*["']?name["']?\s*:\s*["']?([\w.\-]+)["']?\s*,?\s*$`)
	kubeValue = regexp.MustCompile(`^\s*-?\s*["']?value["']?\s*:\s*(\S.*?)\s*,?$`)

	pemBody  = regexp.MustCompile(`(-----BEGIN [A-Z ]*PRIVATE KEY-----)(.+?)(-----END|$)`)
	urlUser  = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.\-]*://[^\s:/@"'<>#{}$%]*):([^\s/@"']+|[^\s@"']+)@`)
	portPath = regexp.MustCompile(`^\d+/`) // host:8443/path@2x is no password
	issued   = regexp.MustCompile(`\b(?:(?:AKIA|ASIA|AGPA|AIDA|AROA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[\w\-]{18,}|xox[abeprs]-[A-Za-z0-9\-]{10,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}|AIza[0-9A-Za-z_\-]{35}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_\-]{40,}|SG\.[\w\-]{16,}\.[\w\-]{16,}|sk-[A-Za-z0-9_\-]{32,}|hvs\.[A-Za-z0-9_\-]{20,}|dop_v1_[a-f0-9]{40,}|eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+)`)
	bearer   = regexp.MustCompile(`(?i)\b(bearer|authorization:\s*basic|authorization["']?\s*(?::|=>|,)\s*["']basic)\s+([A-Za-z0-9._~+/\-]{12,}=*)`)

	// name, operator, opening quote, value in quotes
	quotedValue = regexp.MustCompile(`(?i)([\w.\-]+)["'\]]{0,2}\s*(=>|:=|\?=|\|\|=|=|:)\s*(?:[bru]?)("[^"]*"|'[^']*'|` + "`[^`]*`" + `)`)
	fetchValue  = regexp.MustCompile(`(?i)(?:fetch|getenv|env|environ\.get|get|config)\(\s*["':]?([\w.\-]+)["']?\s*,\s*("[^"]*"|'[^']*')`)
	inString    = regexp.MustCompile(`(?i)([\w.\-]*(?:password|passwd|pwd|secret|token|api[_\-]?key|access[_\-]?key))=([^\s"'&;,)` + "`" + `]+)`)
	longFlag    = regexp.MustCompile(`(?i)--([\w\-]*(?:password|passwd|pass|secret|token|api-?key))[ =]([^\s"'\-][^\s"']*)`)
	// a whole line "name: value", "name=value", "name value"
	bareLine = regexp.MustCompile(`^\s*(?:-\s+|export\s+|ENV\s+|ARG\s+|set\s+)?["']?([\w.\-]+)["']?(\s*=\s*|:\s+|\s+)([^\s"'=:` + "`" + `].*?)\s*,?$`)
	bareEnv  = regexp.MustCompile(`^\s*(?:-\s+|export\s+|ENV\s+|ARG\s+)?["']?([A-Z][A-Z0-9_]*)=([^\s"'=].*?)["']?\s*$`)
	xmlValue = regexp.MustCompile(`(?i)<([\w.\-]*(?:password|passwd|secret|token|apikey|api-key))>([^<]+)</`)
)

func maskLine(line string, strict bool) string {
	if len(line) > 20_000 {
		return line[:200] + " " + Mask // minified or a data dump: nobody reads it, and it is not searched
	}
	line = replaceGroup(line, pemBody, 2, func([]string) bool { return true })
	line = replaceGroup(line, urlUser, 2, func(g []string) bool { return !isReference(g[2]) && !portPath.MatchString(g[2]) })
	line = issued.ReplaceAllString(line, Mask)
	line = replaceGroup(line, bearer, 2, func(g []string) bool { return looksRandom(g[2], 12) })
	line = maskForms(line, strict)
	line = replaceGroup(line, quotedValue, 3, func(g []string) bool {
		return secretName(g[1]) && secretLiteral(g[1], inner(g[3]), strict) || weakSecret(g[1], inner(g[3]), strict)
	})
	line = replaceGroup(line, fetchValue, 2, func(g []string) bool { return secretName(g[1]) && secretLiteral(g[1], inner(g[2]), strict) })
	line = replaceGroup(line, xmlValue, 2, func(g []string) bool { return secretLiteral(g[1], g[2], true) })
	line = replaceGroup(line, longFlag, 2, func(g []string) bool { return !isReference(g[2]) && g[2] != Mask })
	line = maskInStrings(line)
	if m := bareEnv.FindStringSubmatchIndex(line); m != nil {
		name, value := line[m[2]:m[3]], line[m[4]:m[5]]
		if secretName(name) && secretWord(value, true) || weakSecret(name, value, true) {
			return line[:m[4]] + Mask + line[m[5]:]
		}
	}
	if m := bareLine.FindStringSubmatchIndex(line); m != nil {
		name, op, value := line[m[2]:m[3]], strings.TrimSpace(line[m[4]:m[5]]), line[m[6]:m[7]]
		if at := strings.Index(value, " #"); at >= 0 {
			value = strings.TrimSpace(value[:at])
		}
		// "name value" is a setting in configuration alone; elsewhere it is two words of a sentence.
		hit := secretName(name) && secretWord(value, strict) && (op != "" || strict)
		if hit && !strict {
			hit = !strings.EqualFold(relax(name), relax(value)) && looksRandom(value, 6)
		}
		if !hit && strict && op != "" {
			hit = opaque(value) || weakSecret(name, value, true)
		}
		if hit {
			return line[:m[6]] + Mask + line[m[6]+len(value):]
		}
	}
	return line
}

// maskInStrings masks password=... inside connection strings and queries. Outside of quotes the same
// text is a keyword argument, unless it follows '?' or '&'.
func maskInStrings(line string) string {
	return replaceIndexed(line, inString, 2, func(g []string, at int) bool {
		if isReference(g[2]) || g[2] == Mask || !secretName(g[1]) || strings.HasPrefix(g[2], "=") {
			return false
		}
		if at > 0 && (line[at-1] == '?' || line[at-1] == '&') {
			return true
		}
		return strings.Count(line[:at], `"`)%2 == 1 || strings.Count(line[:at], `'`)%2 == 1
	})
}

func inner(quotedText string) string { return quotedText[1 : len(quotedText)-1] }

// replaceGroup masks one group of each match that keep accepts; quotes around it stay.
func replaceGroup(line string, re *regexp.Regexp, group int, keep func(groups []string) bool) string {
	return replaceIndexed(line, re, group, func(g []string, _ int) bool { return keep(g) })
}

func replaceIndexed(line string, re *regexp.Regexp, group int, keep func(groups []string, at int) bool) string {
	ms := re.FindAllStringSubmatchIndex(line, 100)
	for k := len(ms) - 1; k >= 0; k-- {
		m := ms[k]
		groups := make([]string, len(m)/2)
		for i := range groups {
			if m[2*i] >= 0 {
				groups[i] = line[m[2*i]:m[2*i+1]]
			}
		}
		if m[2*group] < 0 || !keep(groups, m[0]) {
			continue
		}
		from, to := m[2*group], m[2*group+1]
		if q := line[from]; to-from >= 2 && (q == '"' || q == '\'' || q == '`') && line[to-1] == q {
			from, to = from+1, to-1
		}
		line = line[:from] + Mask + line[to:]
	}
	return line
}

var secretEndings = []string{"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "secretkeybase", "credential",
	"credentials", "accesskey", "secretkey", "privatekey", "encryptionkey", "signingkey", "masterkey", "authkey", "accountkey",
	"licensekey", "requirepass", "masterauth", "secretaccesskey", "dsn", "webhooksecret", "salt"}

// secretName reports whether a name is one whose value is the secret. A name about a secret
// (password_field, token_type, secret_name, token_url) is not: its last word decides.
func secretName(name string) bool {
	if at := strings.LastIndexAny(name, "."); at >= 0 {
		name = name[at+1:]
	}
	low := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	for _, w := range secretEndings {
		if strings.HasSuffix(low, w) {
			return true
		}
	}
	return strings.HasPrefix(low, "redissecret")
}

// secretLiteral judges a quoted value of a secret's name.
func secretLiteral(name, v string, strict bool) bool {
	if v == "" || v == Mask || isReference(v) {
		return false
	}
	if strings.HasSuffix(strings.ToLower(name), "dsn") || strings.HasSuffix(strings.ToLower(name), "salt") {
		return looksRandom(v, 8) && !strings.Contains(v, "://")
	}
	if strict {
		return !strings.Contains(v, " ") || looksRandom(v, 12)
	}
	if strings.ContainsAny(v, " <>(){}") {
		return false // a sentence, markup or code
	}
	// The names of fields, headers, routes and translation keys: words without digits that speak of
	// the secret themselves.
	if !strings.ContainsFunc(v, unicode.IsDigit) && nameLike.MatchString(v) {
		low := strings.ToLower(v)
		for _, w := range []string{"password", "token", "secret", "key", "auth", "csrf", "bearer", "credential"} {
			if strings.Contains(low, w) {
				return false
			}
		}
		if strings.ContainsAny(v, "/.:") {
			return false
		}
	}
	return true
}

var (
	nameLike   = regexp.MustCompile(`^[A-Za-z_\-./:]+$`)
	typeWords  = map[string]bool{"string": true, "str": true, "text": true, "bytes": true, "varchar": true, "char": true, "number": true, "any": true, "int": true, "integer": true, "bool": true, "boolean": true, "object": true, "unknown": true, "undefined": true, "optional": true}
	emptyWords = map[string]bool{"": true, "null": true, "nil": true, "none": true, "true": true, "false": true, "yes": true, "no": true, "~": true, "|": true, ">": true, "|-": true, ">-": true, "required": true}
)

// secretWord judges an unquoted value of a secret's name.
func secretWord(v string, strict bool) bool {
	low := strings.ToLower(v)
	if emptyWords[low] || isReference(v) || v == Mask || strings.HasPrefix(v, "&") || strings.HasPrefix(v, "*") {
		return false
	}
	if strict {
		return !strings.HasPrefix(v, "{") && !strings.HasPrefix(v, "[") && !strings.HasPrefix(v, "(") && !codeLike.MatchString(v)
	}
	return !typeWords[strings.Trim(low, "?!;")] && !strings.ContainsAny(v, " (){}[]<>;,\"'")
}

// codeLike: Terraform and other configuration languages have expressions.
var codeLike = regexp.MustCompile(`^(?:var|local|data|module|each|random_\w+|aws_\w+|google_\w+|azurerm_\w+|self)\.|^\w[\w.]*\(`)

// isReference reports a value that names a secret instead of being one.
func isReference(v string) bool {
	v = strings.TrimSpace(strings.Trim(strings.TrimSpace(v), `"'`))
	if v == "" || strings.Trim(v, "*xX.•") == "" {
		return true
	}
	switch v[0] {
	case '$', '%', '?', '<', '#', '@', ':':
		return !looksRandom(v[1:], 8) || strings.HasPrefix(v, "${") || strings.HasPrefix(v, "#{") || strings.HasPrefix(v, "<")
	case '{':
		return true
	}
	for _, p := range []string{"${", "#{", "{{", "<%", "$(", "%{", "process.env", "os.environ", "os.getenv", "ENV[", "ENV.", "System.getenv", "vault:", "arn:aws:", "secretsmanager:", "ssm:", "op://", "!Ref", "!Sub", "ENC["} {
		if strings.Contains(v, p) {
			return true
		}
	}
	return false
}

// looksRandom reports a value that people do not write as a name: long enough, and mixing letters with
// digits or case.
func looksRandom(v string, least int) bool {
	if len(v) < least {
		return false
	}
	var lower, upper, digit, other int
	for _, r := range v {
		switch {
		case unicode.IsDigit(r):
			digit++
		case unicode.IsLower(r):
			lower++
		case unicode.IsUpper(r):
			upper++
		default:
			other++
		}
	}
	if strings.ContainsAny(v, "(){}[]<> ;,") {
		return false
	}
	return digit > 0 && lower+upper > 0 || lower > 0 && upper > 0 && other > 0 && entropy(v) > 3.5
}

// opaque reports an unquoted configuration value that is a key whatever its name: long, of the base64
// alphabet, mixed and of high entropy. Digests, which name content, are not.
func opaque(v string) bool {
	if len(v) < 32 || !base64Like.MatchString(v) || hexOnly.MatchString(v) {
		return false
	}
	if strings.HasPrefix(v, "sha") || strings.Count(v, "/") > 2 || strings.Count(v, "-") > 2 {
		return false
	}
	return strings.ContainsFunc(v, unicode.IsDigit) && strings.ContainsFunc(v, unicode.IsUpper) &&
		strings.ContainsFunc(v, unicode.IsLower) && entropy(v) > 4
}

var (
	base64Like = regexp.MustCompile(`^[A-Za-z0-9+/_\-]+={0,2}$`)
	hexOnly    = regexp.MustCompile(`^[0-9a-fA-F\-]+$`)
)

// entropy is Shannon's, in bits per byte.
func entropy(s string) float64 {
	var count [256]int
	for i := 0; i < len(s); i++ {
		count[s[i]]++
	}
	e := 0.0
	for _, c := range count {
		if c > 0 {
			p := float64(c) / float64(len(s))
			e -= p * math.Log2(p)
		}
	}
	return e
}

func isConfigFile(file string) bool {
	name := trimTemplateExt(strings.ToLower(path.Base(file)))
	switch path.Ext(name) {
	case ".yml", ".yaml", ".properties", ".env", ".ini", ".cnf", ".conf", ".toml", ".tf", ".tfvars", ".cfg":
		return true
	}
	return name == ".env" || strings.HasPrefix(name, ".env.") || isDockerName(name)
}
