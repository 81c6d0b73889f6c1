package lab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/waxseal/waxseal/internal/act"
	"github.com/waxseal/waxseal/internal/runtime"
)

// runScript runs a script as a person would type it, with an AWS CLI that calls a Runtime
// in this process, as the root user.
func runScript(t *testing.T, rt *runtime.Runtime, name, script string) error {
	t.Helper()
	parsed, err := syntax.NewParser().Parse(strings.NewReader(script), name)
	if err != nil {
		return err
	}
	var out, failed bytes.Buffer
	runner, err := interp.New(
		interp.Dir(t.TempDir()), interp.Env(expand.ListEnviron("PATH=/usr/bin:/bin", "AWS_REGION="+rt.Config().Region)),
		interp.StdIO(nil, &out, &failed), interp.Params("-e"),
		interp.ExecHandlers(func(next interp.ExecHandlerFunc) interp.ExecHandlerFunc {
			return func(ctx context.Context, args []string) error {
				if args[0] != "aws" {
					return next(ctx, args)
				}
				h := interp.HandlerCtx(ctx)
				return (&cli{rt: rt, dir: h.Dir, env: h.Env}).run(ctx, args[1:], h.Stdout)
			}
		}),
	)
	if err != nil {
		return err
	}
	if err := runner.Run(t.Context(), parsed); err != nil {
		return fmt.Errorf("%s: %w\n%s%s", name, err, out.String(), failed.String())
	}
	return nil
}

// errAWS says that AWS refuses what a script asks for.
var errAWS = errors.New("an error occurred")

// cli is one run of the AWS CLI.
type cli struct {
	rt  *runtime.Runtime
	dir string
	env expand.Environ
}

func (c *cli) run(ctx context.Context, args []string, to io.Writer) error {
	if len(args) < 2 {
		return fmt.Errorf("aws %q: no operation", args)
	}
	service := args[0]
	if service == "s3api" {
		service = "s3"
	}
	operation := pascal(args[1])
	s := c.rt.Dispatcher.Service(service)
	if s == nil {
		return fmt.Errorf("aws %s: no such service", args[0])
	}
	for _, op := range s.Operations { // the CLI's words do not tell KMS from Kms
		if strings.EqualFold(op.Name, operation) {
			operation = op.Name
		}
	}
	op := s.Operation(operation)
	if op == nil {
		return fmt.Errorf("aws %s %s: no such operation", args[0], args[1])
	}
	in, query, err := c.input(args[2:], op.In)
	if err != nil {
		return fmt.Errorf("aws %s: %w", strings.Join(args[:2], " "), err)
	}
	params, err := json.Marshal(in)
	if err != nil {
		return err
	}
	call := &act.Call{As: "root", Action: service + ":" + operation, Params: params, BaseURL: baseURL, SourceIP: sourceIP}
	if key := c.env.Get("AWS_ACCESS_KEY_ID").String(); key != "" {
		credentials, err := c.rt.Identity.Credentials(ctx, key)
		if err != nil || credentials == nil || credentials.Caller == nil {
			return fmt.Errorf("access key %s: %w", key, errors.Join(err, errors.New("no such credentials")))
		}
		call.As, call.Caller = "", credentials.Caller
	}
	result, err := act.Perform(ctx, c.rt, call)
	if err != nil {
		return err
	}
	if result.Error != nil {
		return fmt.Errorf("aws %s: %w: (%s) %s", strings.Join(args[:2], " "), errAWS, result.Error.Query(), result.Error.Message)
	}
	answer := string(result.Response)
	if query != "" {
		var v any
		if err := json.Unmarshal(result.Response, &v); err != nil {
			return err
		}
		found, ok := selected(v, query)
		if !ok {
			found = "None"
		}
		answer = found
	}
	_, err = fmt.Fprintln(to, answer)
	return err
}

var filter = regexp.MustCompile(`^(\w+)\[\?(\w+)==['\x60]([^'\x60]*)['\x60]\]\.(\w+)$`)

// selected is the value of a query: A.B[0].C or A[?B=='value'].C.
func selected(v any, query string) (found string, ok bool) {
	parts := filter.FindStringSubmatch(query)
	if parts == nil {
		return lookUp(v, strings.NewReplacer("[", ".", "]", "").Replace(query))
	}
	var all []string
	for _, one := range items(v.(members), parts[1]) {
		if one[parts[2]] == parts[3] {
			text, _ := one[parts[4]].(string)
			all = append(all, text)
		}
	}
	return strings.Join(all, "\t"), true
}

// input reads options into the members of an operation's input.
func (c *cli) input(args []string, shape reflect.Type) (in members, query string, err error) {
	in = members{}
	for len(args) > 0 {
		name, ok := strings.CutPrefix(args[0], "--")
		if !ok {
			return nil, "", fmt.Errorf("%q is no option", args[0])
		}
		end := 1
		for end < len(args) && !strings.HasPrefix(args[end], "--") {
			end++
		}
		values := args[1:end]
		args = args[end:]
		switch name {
		case "query":
			query = values[0]
			continue
		case "output", "region", "cli-binary-format":
			continue
		case "no-cli-pager", "no-paginate":
			continue
		}
		member, typ, flag := memberOf(shape, cmp.Or(renamed[name], name))
		if typ == nil {
			return nil, "", fmt.Errorf("%s has no member for --%s", shape, name)
		}
		if len(values) == 0 {
			in[member] = flag
			continue
		}
		if in[member], err = c.value(values, typ); err != nil {
			return nil, "", fmt.Errorf("--%s: %w", name, err)
		}
	}
	return in, query, nil
}

// renamed are the options that the CLI does not call as the member, which would be one of
// its own.
var renamed = map[string]string{"notification-endpoint": "endpoint"}

// memberOf finds the member that an option names, by its letters alone; --no-NAME is false.
func memberOf(shape reflect.Type, option string) (name string, typ reflect.Type, flag bool) {
	for shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	for option, flag := range map[string]bool{option: true, strings.TrimPrefix(option, "no-"): false} {
		letters := strings.ReplaceAll(option, "-", "")
		for _, f := range reflect.VisibleFields(shape) {
			if f.IsExported() && strings.EqualFold(f.Name, letters) {
				return f.Name, f.Type, flag
			}
		}
	}
	return "", nil, false
}

var errValues = errors.New("there is more than one value")

// value reads the words of an option as a value of a type.
func (c *cli) value(words []string, typ reflect.Type) (any, error) {
	text := words[0]
	if typ.Implements(reflect.TypeFor[io.Reader]()) {
		raw, err := os.ReadFile(c.path(text))
		return base64.StdEncoding.EncodeToString(raw), err
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if file, ok := strings.CutPrefix(text, "fileb://"); ok {
		raw, err := os.ReadFile(c.path(file))
		return base64.StdEncoding.EncodeToString(raw), err
	}
	if file, ok := strings.CutPrefix(text, "file://"); ok {
		raw, err := os.ReadFile(c.path(file))
		if err != nil {
			return nil, err
		}
		text = string(raw)
		words = []string{text}
	}
	bytesType := reflect.TypeFor[[]byte]()
	switch typ.Kind() {
	case reflect.Slice:
		if typ == bytesType {
			return text, nil
		}
		if s := strings.TrimSpace(text); len(words) == 1 && strings.HasPrefix(s, "[") {
			return decoded(s)
		}
		return c.list(words, typ.Elem())
	case reflect.Map, reflect.Struct:
		if len(words) > 1 {
			return nil, errValues
		}
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			return decoded(text)
		}
		return c.shorthand(text, typ)
	case reflect.Bool:
		return strconv.ParseBool(text)
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
		return json.Number(text), nil
	default:
		if len(words) > 1 {
			return nil, errValues
		}
		return text, nil
	}
}

func (c *cli) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.dir, file)
}

func decoded(text string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

func (c *cli) list(words []string, elem reflect.Type) (any, error) {
	all := []any{}
	for _, word := range words {
		if elem.Kind() == reflect.String {
			all = append(all, word)
			continue
		}
		one, err := c.value([]string{word}, elem)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// shorthand reads A=b,C=d,E=[f,g] and A=b,C=d,e.
func (c *cli) shorthand(text string, typ reflect.Type) (any, error) {
	out := members{}
	last := ""
	for _, part := range splitTop(text) {
		key, value, ok := strings.Cut(part, "=")
		if !ok { // one more value of the last key
			if last == "" {
				return nil, fmt.Errorf("%q is no KEY=VALUE", part)
			}
			out[last] = append(asList(out[last]), part)
			continue
		}
		last = strings.Trim(key, `"`)
		var elem reflect.Type
		if typ.Kind() == reflect.Map {
			elem = typ.Elem()
		} else {
			member, found, _ := memberOf(typ, last)
			if found == nil {
				return nil, fmt.Errorf("%s has no member %s", typ, last)
			}
			last, elem = member, found
		}
		v, err := c.shorthandValue(value, elem)
		if err != nil {
			return nil, err
		}
		out[last] = v
	}
	return out, nil
}

func (c *cli) shorthandValue(value string, typ reflect.Type) (any, error) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if inner, ok := strings.CutPrefix(value, "["); ok {
		return c.list(splitTop(strings.TrimSuffix(inner, "]")), typ.Elem())
	}
	if inner, ok := strings.CutPrefix(value, "{"); ok {
		return c.shorthand(strings.TrimSuffix(inner, "}"), typ)
	}
	value = strings.Trim(value, `"'`)
	if typ.Kind() == reflect.Slice && typ != reflect.TypeFor[[]byte]() {
		return []any{value}, nil
	}
	return c.value([]string{value}, typ)
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// splitTop splits at commas that are in no brackets and no quotes.
func splitTop(text string) (parts []string) {
	depth, from, quote := 0, 0, byte(0)
	for i := range len(text) {
		switch b := text[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '[' || b == '{':
			depth++
		case b == ']' || b == '}':
			depth--
		case b == ',' && depth == 0:
			parts, from = append(parts, text[from:i]), i+1
		}
	}
	return append(parts, text[from:])
}

func pascal(kebab string) string {
	parts := strings.Split(kebab, "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "")
}
