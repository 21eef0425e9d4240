// Package config reads the configuration that surrounds an application's code: Dockerfiles, compose
// files, Kubernetes manifests, Terraform, nginx, key-value settings of many syntaxes, and the
// manifests that name a project's dependencies.
//
// [KindOf] says what a file is from its path and first bytes, [Parse] turns its bytes into a
// [Document], and the typed views ([Document.Compose], [Document.Kubernetes], [Document.Settings] ...)
// answer the questions that rules ask. Every value that a rule may point at carries a [Span]: the
// lines of the file as it stands on disk, also when the file is a template.
//
// Guarantees: no parser panics or runs away on foreign bytes (input size, nesting depth, alias
// expansion and node count are bounded, see [MaxBytes] and [MaxDepth]); nothing is executed, no
// include, module or variable file is followed; a document that is only partly readable is returned
// together with its [Problem] values. A finished Document is immutable and may be shared between
// goroutines.
//
// Not done here: rendering of Helm or ERB templates. Their tags are kept as text inside values and
// blanked where they stand alone on a line; [Node.Templated] says that a value is not what will run.
package config
