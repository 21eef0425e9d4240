package config

import (
	"path"
	"regexp"
	"strings"
)

// Kinds of configuration, the first argument of [Parse].
const (
	KindDockerfile   = "dockerfile"
	KindCompose      = "compose"
	KindKubernetes   = "kubernetes"
	KindYAML         = "yaml"
	KindTerraform    = "terraform"
	KindNginx        = "nginx"
	KindProperties   = "properties"
	KindEnv          = "env"
	KindTOML         = "toml"
	KindJSON         = "json"
	KindINI          = "ini"
	KindProcfile     = "procfile"
	KindDependencies = "dependencies"
)

var (
	dockerStart  = regexp.MustCompile(`(?mi)^[ \t]*(FROM|ARG)[ \t]+\S`)
	composeStart = regexp.MustCompile(`(?m)^services:\s*(#.*|&\w+)?$`)
	kubeKind     = regexp.MustCompile(`(?m)^\s*kind:\s*\S`)
	kubeVersion  = regexp.MustCompile(`(?m)^\s*apiVersion:\s*\S`)
	serverConf   = regexp.MustCompile(`^(postgres|pg|redis|valkey|sentinel|keydb|my|mysql|mariadb|pgbouncer|odyssey|supervisor|php|sysctl|memcached)`)
	nginxStart   = regexp.MustCompile(`(?m)^\s*(server|http|upstream\s+\S+|events)\s*\{`)
)

// notConfig are endings of files about configuration that are not configuration: a page named
// Dockerfile.md, a script named nginx.sh.
var notConfig = map[string]bool{".md": true, ".rst": true, ".txt": true, ".sh": true, ".go": true, ".rb": true, ".py": true,
	".js": true, ".ts": true, ".php": true, ".java": true, ".html": true, ".dockerignore": true, ".snap": true}

var manifestNames = map[string]bool{"gemfile": true, "gemfile.lock": true, "package.json": true, "composer.json": true,
	"go.mod": true, "pom.xml": true, "build.gradle": true, "build.gradle.kts": true, "pipfile": true, "pyproject.toml": true,
	"requirements.txt": true}

// KindOf says what kind of configuration a file is, from its slash-separated path and its first bytes
// (4 KiB are enough; fewer make the answer coarser), and returns "" for a file that is none. Content
// decides between compose, Kubernetes and plain YAML, so head may not be empty for those.
func KindOf(file string, head []byte) string {
	name := strings.ToLower(path.Base(file))
	bare := trimTemplateExt(name)
	ext := path.Ext(bare)
	text := string(head)
	if isManifest(bare) {
		return KindDependencies
	}
	switch {
	case notConfig[ext]:
		return ""
	case bare == "procfile" || strings.HasPrefix(bare, "procfile."):
		return KindProcfile
	case isDockerName(bare):
		if len(head) > 0 && !dockerStart.MatchString(text) {
			return ""
		}
		return KindDockerfile
	case ext == ".tf" || ext == ".tfvars":
		return KindTerraform
	case ext == ".yml" || ext == ".yaml":
		return yamlKind(bare, text)
	case ext == ".json":
		return KindJSON
	case ext == ".toml":
		return KindTOML
	case ext == ".properties":
		return KindProperties
	case bare == ".env" || strings.HasPrefix(bare, ".env.") || ext == ".env":
		return KindEnv
	case ext == ".conf" || ext == ".nginx" || strings.Contains(bare, "nginx"):
		if isNginx(file, bare, text) {
			return KindNginx
		}
		if ext == ".conf" && serverConf.MatchString(bare) {
			return KindINI
		}
		return ""
	case ext == ".cnf" || ext == ".ini":
		return KindINI
	}
	return ""
}

func isManifest(name string) bool {
	if manifestNames[name] {
		return true
	}
	return strings.HasPrefix(name, "requirements") && strings.HasSuffix(name, ".txt")
}

func trimTemplateExt(name string) string {
	for {
		ext := path.Ext(name)
		switch ext {
		case ".erb", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".gotmpl", ".dist", ".example", ".sample", ".jsonnet":
			if ext == name {
				return name
			}
			name = strings.TrimSuffix(name, ext)
		default:
			return name
		}
	}
}

func isDockerName(name string) bool {
	return name == "dockerfile" || name == "containerfile" ||
		strings.HasPrefix(name, "dockerfile.") || strings.HasPrefix(name, "dockerfile-") || strings.HasPrefix(name, "dockerfile_") ||
		strings.HasPrefix(name, "containerfile.") || strings.HasSuffix(name, ".dockerfile")
}

func yamlKind(name, text string) string {
	switch {
	case kubeKind.MatchString(text) && kubeVersion.MatchString(text):
		return KindKubernetes
	case composeStart.MatchString(text):
		return KindCompose
	case strings.HasPrefix(name, "docker-compose") || strings.HasPrefix(name, "compose."):
		return KindCompose
	}
	return KindYAML
}

func isNginx(file, name, text string) bool {
	if strings.Contains(name, "nginx") || strings.Contains(strings.ToLower(path.Dir(file)), "nginx") {
		return strings.Contains(text, "{") || strings.Contains(text, ";")
	}
	return nginxStart.MatchString(text) && strings.Contains(text, ";")
}
