package main

// languages are those that both programs read, by file ending, under ast-grep's names.
var languages = map[string]string{
	".py": "python", ".rb": "ruby", ".ts": "typescript", ".php": "php", ".java": "java", ".go": "go",
}

// threeRules are three simple rules of each language: a call in a loop, a client without a timeout, a
// read of everything. They are what a user of a structural scanner would write first.
var threeRules = map[string]string{
	"python": `id: write-in-loop
language: python
severity: hint
rule: {pattern: $X.save(), inside: {kind: for_statement, stopBy: end}}
---
id: no-timeout
language: python
severity: hint
rule: {pattern: requests.get($URL)}
---
id: read-all
language: python
severity: hint
rule: {pattern: list($M.objects.all())}
`,
	"ruby": `id: write-in-loop
language: ruby
severity: hint
rule: {pattern: $X.save, inside: {kind: do_block, stopBy: end}}
---
id: no-timeout
language: ruby
severity: hint
rule: {pattern: Net::HTTP.get($URL)}
---
id: read-all
language: ruby
severity: hint
rule: {pattern: $M.all.each}
`,
	"typescript": `id: query-in-loop
language: typescript
severity: hint
rule: {pattern: await $X.findOne($$$), inside: {kind: for_in_statement, stopBy: end}}
---
id: no-timeout
language: typescript
severity: hint
rule: {pattern: axios.get($URL)}
---
id: read-all
language: typescript
severity: hint
rule: {pattern: $X.findMany()}
`,
	"php": `id: write-in-loop
language: php
severity: hint
rule: {pattern: $X->save(), inside: {kind: foreach_statement, stopBy: end}}
---
id: no-timeout
language: php
severity: hint
rule: {pattern: file_get_contents($URL)}
---
id: read-all
language: php
severity: hint
rule: {kind: scoped_call_expression, regex: '::all\(\)$'}
`,
	"java": `id: write-in-loop
language: java
severity: hint
rule: {pattern: $X.save($Y), inside: {kind: enhanced_for_statement, stopBy: end}}
---
id: no-timeout
language: java
severity: hint
rule: {pattern: new RestTemplate()}
---
id: read-all
language: java
severity: hint
rule: {pattern: $X.findAll()}
`,
	"go": `id: query-in-loop
language: go
severity: hint
rule: {kind: call_expression, has: {field: function, regex: '\.QueryRow$'}, inside: {kind: for_statement, stopBy: end}}
---
id: no-timeout
language: go
severity: hint
rule: {kind: call_expression, has: {field: function, regex: '^http\.Get$'}}
---
id: read-all
language: go
severity: hint
rule: {kind: call_expression, has: {field: function, regex: '^io\.ReadAll$'}}
`,
}
