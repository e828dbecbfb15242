package platform

import (
	"fmt"
	"iter"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
)

// maxHandle is the longest that a handle may be, in characters.
const maxHandle = 128

// GeneratedHandle is the length of a handle that is made at random, of the
// alphabet base36.
const GeneratedHandle = 20

func (b *builder) subaccounts(s *subaccountsBlock) {
	if s == nil {
		return
	}
	rules := &SubaccountRules{
		HandleWords: s.HandleWords,
		Generate:    s.Generate,
		Limit:       b.limit(s.Range, "limit", s.Limit),
		KeyLimit:    b.limit(s.Range, "key_limit", s.KeyLimit),
		SendLimits:  s.SendLimits,
	}
	b.p.Subaccounts = rules
	if s.HandleWords == "" {
		b.fault(s.Range, "Invalid handle_words", "Say in words what handle allows; people read it when theirs is refused.")
	}
	handle, err := compileHandle(s.Handle)
	if err != nil {
		b.fault(s.Range, "Invalid handle", "The pattern %v.", err)
		return
	}
	rules.Handle = handle
	for made := range generated() {
		if s.Generate && !handle.MatchString(made) {
			b.fault(s.Range, "Invalid generate", "Handles are made of %d lower case letters and digits, and the pattern refuses %q; let it match them, or leave generate out.", GeneratedHandle, made)
			return
		}
	}
}

// compileHandle compiles the pattern of a handle and says what is wrong with it.
// Handles stand in URL paths, so a pattern that could let anything through that
// changes a path is refused whole.
func compileHandle(pattern string) (*regexp.Regexp, error) {
	// Alone first: `a)|(b` would be good between the brackets.
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("is no regular expression: %w", err)
	}
	if bad, ok := unfit(tree); ok {
		return nil, fmt.Errorf("lets through %q; handles stand in URL paths, so name the characters, and only letters, digits and %s", bad, pathMarks)
	}
	if n := longest(tree); n > maxHandle {
		return nil, fmt.Errorf("lets through more than %d characters; bound it, as in [a-z0-9]{3,%d}", maxHandle, maxHandle)
	}
	whole, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return nil, fmt.Errorf("is no regular expression: %w", err)
	}
	for _, bad := range []string{"", ".", ".."} {
		if whole.MatchString(bad) {
			return nil, fmt.Errorf("matches %q, which no URL path can name", bad)
		}
	}
	return whole, nil
}

// pathMarks may stand in a segment of a path as they are (RFC 3986, pchar).
const pathMarks = "-._~!$&'()*+,;=:@"

func unfitRune(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(pathMarks, r)
}

// unfit returns a character that the expression matches and a path could not
// hold as it is.
func unfit(re *syntax.Regexp) (rune, bool) {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return '/', true
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			for _, r := range spellings(r, re.Flags&syntax.FoldCase != 0) {
				if unfitRune(r) {
					return r, true
				}
			}
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			// Of a wide range the first part shows it: past ASCII all is unsafe.
			for r := re.Rune[i]; r <= min(re.Rune[i+1], unicode.MaxASCII+1); r++ {
				if unfitRune(r) {
					return r, true
				}
			}
			if re.Rune[i] > unicode.MaxASCII {
				return re.Rune[i], true
			}
		}
	default:
		for _, sub := range re.Sub {
			if r, ok := unfit(sub); ok {
				return r, true
			}
		}
	}
	return 0, false
}

// spellings returns r and, under (?i), all that is equal to it without regard to
// case: k is the Kelvin sign, too.
func spellings(r rune, fold bool) []rune {
	all := []rune{r}
	for next := unicode.SimpleFold(r); fold && next != r; next = unicode.SimpleFold(next) {
		all = append(all, next)
	}
	return all
}

// longest returns the length of the longest text that the expression matches, or
// anything above maxHandle.
func longest(re *syntax.Regexp) int {
	const over = maxHandle + 1
	sum, most := 0, 0
	for _, sub := range re.Sub {
		n := longest(sub)
		sum, most = min(sum+n, over), max(most, n)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return min(len(re.Rune), over)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return min(sum*over, over)
	case syntax.OpRepeat:
		times := re.Max
		if times < 0 {
			times = over
		}
		return min(sum*times, over)
	case syntax.OpAlternate:
		return most
	default: // a sequence, a group, "?", or what has no width
		return sum
	}
}

// generated returns handles as they are made at random, with each character at
// each place.
func generated() iter.Seq[string] {
	const base36 = "0123456789abcdefghijklmnopqrstuvwxyz"
	return func(yield func(string) bool) {
		for i := range len(base36) {
			if !yield((base36 + base36)[i:i+GeneratedHandle]) || !yield(strings.Repeat(base36[i:i+1], GeneratedHandle)) {
				return
			}
		}
	}
}

func quoted(names []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range names {
			if !yield(strconv.Quote(name)) {
				return
			}
		}
	}
}
