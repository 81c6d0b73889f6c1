package main

import (
	"fmt"
	"slices"
	"strings"
)

// shell is how a shell spells what env has to say.
type shell struct {
	name string
	set  func(name, value string) string
	// unset takes away variables, of which those that are not there are no error.
	unset func(names []string) string
	// fail makes what evaluates the lines fail.
	fail string
}

var posix = shell{
	set:   func(name, value string) string { return "export " + name + "=" + quote(value) },
	unset: func(names []string) string { return "unset " + strings.Join(names, " ") },
	fail:  "false",
}

// shells are those that env speaks; the first is the one it speaks unless told otherwise.
var shells = []shell{
	{"bash", posix.set, posix.unset, posix.fail},
	{"zsh", posix.set, posix.unset, posix.fail},
	{
		name: "fish",
		set: func(name, value string) string {
			return "set -gx " + name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
		},
		unset: func(names []string) string { return "set -e " + strings.Join(names, " ") },
		fail:  "false",
	},
	{
		name: "powershell",
		set: func(name, value string) string {
			return "$Env:" + name + " = '" + strings.ReplaceAll(value, "'", "''") + "'"
		},
		unset: func(names []string) string {
			return "Remove-Item -ErrorAction SilentlyContinue " + "Env:" + strings.Join(names, ",Env:")
		},
		fail: "throw 'waxseal env failed'",
	},
}

func shellNames() string {
	names := make([]string, len(shells))
	for i, s := range shells {
		names[i] = s.name
	}
	return strings.Join(names, ", ")
}

// shellFor is the shell of a name.
func shellFor(name string) (*shell, error) {
	i := slices.IndexFunc(shells, func(s shell) bool { return s.name == name })
	if i < 0 {
		return nil, fmt.Errorf("--shell: %q is none of %s", name, shellNames())
	}
	return &shells[i], nil
}

// lines set the variables of env, NAME=value, and unset others.
func (s *shell) lines(env, unset []string) string {
	var b strings.Builder
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		b.WriteString(s.set(name, value) + "\n")
	}
	if len(unset) > 0 {
		b.WriteString(s.unset(unset) + "\n")
	}
	return b.String()
}

// failing are lines that leave no credentials, and fail.
func (s *shell) failing() string {
	return s.unset([]string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) + "\n" + s.fail + "\n"
}

// quote is s as one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
