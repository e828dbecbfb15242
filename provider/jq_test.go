package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/itchyny/gojq"
)

// jq is what the scripts and guides call: jq -e -r [-f FILE | FILTER], with one document on
// its input. So no test needs the program, and where it is there the two must agree.
func jq(args []string, in io.Reader, out, complaints io.Writer) int {
	const usage, broken = 2, 5
	fail := func(code int, what any) int {
		fmt.Fprintln(complaints, "jq:", what)
		return code
	}
	var text string
	var status, raw bool
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-e":
			status = true
		case "-r":
			raw = true
		case "-f":
			if i++; i == len(args) {
				return fail(usage, "-f without a file")
			}
			file, err := os.ReadFile(args[i])
			if err != nil {
				return fail(usage, err)
			}
			text = string(file)
		default:
			if strings.HasPrefix(args[i], "-") || text != "" {
				return fail(usage, "this one has no "+args[i])
			}
			text = args[i]
		}
	}
	query, err := gojq.Parse(text)
	if err != nil {
		return fail(usage+1, err)
	}
	var document any
	if err := json.NewDecoder(in).Decode(&document); errors.Is(err, io.EOF) {
		if status {
			return 4
		}
		return 0
	} else if err != nil {
		return fail(usage, err)
	}
	var last any
	for results := query.Run(document); ; {
		value, more := results.Next()
		if !more {
			break
		}
		if err, wrong := value.(error); wrong {
			if halt, ok := errors.AsType[*gojq.HaltError](err); ok {
				fmt.Fprint(complaints, halt.Value())
				return halt.ExitCode()
			}
			return fail(broken, err)
		}
		last = value
		if s, ok := value.(string); ok && raw {
			fmt.Fprintln(out, s)
			continue
		}
		shown, err := gojq.Marshal(value)
		if err != nil {
			return fail(broken, err)
		}
		fmt.Fprintln(out, string(shown))
	}
	if status && (last == nil || last == false) {
		return 1
	}
	return 0
}
