package syntax

import "strings"

// Words looks for words in text, in capitals or not, in one pass. Asking it before a regular expression
// that can only match where one of the words stands costs little of what the expression does.
type Words struct {
	words []string
	first [256]bool // bytes that a word begins with
}

// NewWords makes a search for words in lower case. Their letters are ASCII.
func NewWords(words ...string) *Words {
	w := &Words{words: words}
	for _, s := range words {
		w.first[s[0]] = true
		if 'a' <= s[0] && s[0] <= 'z' {
			w.first[s[0]-'a'+'A'] = true
		}
	}
	return w
}

// In reports whether the text holds one of the words.
func (w *Words) In(text string) bool {
	for i := 0; i < len(text); i++ {
		if !w.first[text[i]] {
			continue
		}
		for _, s := range w.words {
			if len(text)-i >= len(s) && text[i]|0x20 == s[0]|0x20 && strings.EqualFold(text[i:i+len(s)], s) {
				return true
			}
		}
	}
	return false
}
