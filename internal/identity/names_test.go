package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

const appARN = "arn:aws:iam::" + account + ":role/app"

// remake deletes the role of that name and makes it again. It is the unique id
// of the one that is gone.
func (f *fixture) remake(t *testing.T, name string) (gone string) {
	t.Helper()
	f.update(t, func(tx store.Tx) error {
		role := f.Roles.Get(tx, account, name)
		gone = role.ID
		f.Roles.Delete(tx, role)
		return nil
	})
	f.role(t, name, nil)
	return gone
}

func (f *fixture) now(t *testing.T) (epoch uint64) {
	t.Helper()
	f.update(t, func(tx store.Tx) error {
		epoch = f.Epoch(tx)
		return nil
	})
	return epoch
}

func (f *fixture) shown(t *testing.T, epoch uint64, principal string) (text string) {
	t.Helper()
	f.update(t, func(tx store.Tx) error {
		text = f.Shown(tx, epoch, principal)
		return nil
	})
	return text
}

// TestNames: what was set before a role went shows its id, in each of its lives.
func TestNames(t *testing.T) {
	f := newFixture(t)
	before := f.now(t)
	f.role(t, "app", nil)
	first := f.remake(t, "app")
	between := f.now(t)
	second := f.remake(t, "app")
	session := "arn:aws:sts::" + account + ":assumed-role/app/s"
	for _, c := range []struct {
		epoch           uint64
		principal, want string
	}{
		{before, appARN, first},
		{between, appARN, second},
		{f.now(t), appARN, appARN},
		{before, session, first + ":s"},
		{f.now(t), session, session},
		{before, "arn:aws:iam::" + account + ":role/other", "arn:aws:iam::" + account + ":role/other"},
		{before, first, first},
		{before, account, account},
	} {
		if got := f.shown(t, c.epoch, c.principal); got != c.want {
			t.Errorf("%s at %d is shown as %s, want %s", c.principal, c.epoch, got, c.want)
		}
	}
	if f.Exists(t.Context(), first) {
		t.Error("a role that is gone exists by its id")
	}
}

// TestNamesOfARoleWithAnotherPath: a fixture that moves a role keeps its id,
// and so do the policies that name it.
func TestNamesOfARoleWithAnotherPath(t *testing.T) {
	f := newFixture(t)
	f.role(t, "app", nil)
	before := f.now(t)
	spec := identity.RoleSpec{Account: account, Region: region, Path: "/team/", Name: "app"}
	if err := f.ApplyRole(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	const moved = "arn:aws:iam::" + account + ":role/team/app"
	if got := f.shown(t, before, appARN); got != moved {
		t.Errorf("shown as %s", got)
	}
	if got, want := f.shown(t, before, "arn:aws:sts::"+account+":assumed-role/app/s"), "arn:aws:sts::"+account+":assumed-role/app/s"; got != want {
		t.Errorf("its session is shown as %s", got)
	}
	epoch := f.now(t)
	if err := f.ApplyRole(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	if f.now(t) != epoch {
		t.Error("a fixture that changes no name ends an epoch")
	}
}

// TestNamesAreBounded: of a name that is given up all the time, the record does not grow.
func TestNamesAreBounded(t *testing.T) {
	f := newFixture(t)
	f.role(t, "app", nil)
	var last string
	for range 70 {
		last = f.remake(t, "app")
	}
	caller, err := f.Principal(t.Context(), account, region, "role/app")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(caller.Names[0].Former); n != 64 || caller.Names[0].Former[n-1].ID != last {
		t.Errorf("%d are remembered, the last is %v", n, caller.Names[0].Former[n-1])
	}
	if got := f.shown(t, 0, appARN); got == appARN {
		t.Error("what is forgotten came back to life")
	}
	for i := range 70 {
		spec := identity.UserSpec{Account: account, Region: region, Path: fmt.Sprintf("/%d/", i), Name: "bob"}
		if err := f.ApplyUser(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	f.update(t, func(tx store.Tx) error {
		if n := len(f.Users.Get(tx, account, "bob").Former); n != 64 {
			t.Errorf("%d names of a user are remembered", n)
		}
		return nil
	})
}

// TestNamesBelowAPathLikeASession: the path of a role or user may look like the
// ARN of a session; who is made again there is another all the same.
func TestNamesBelowAPathLikeASession(t *testing.T) {
	f := newFixture(t)
	const path = "/x:assumed-role/"
	specs := map[string]func(){
		"role" + path + "app": func() {
			if err := f.ApplyRole(t.Context(), identity.RoleSpec{Account: account, Region: region, Path: path, Name: "app"}); err != nil {
				t.Fatal(err)
			}
		},
		"user" + path + "bob": func() {
			if err := f.ApplyUser(t.Context(), identity.UserSpec{Account: account, Region: region, Path: path, Name: "bob"}); err != nil {
				t.Fatal(err)
			}
		},
	}
	for spec, apply := range specs {
		apply()
		before, gone := f.now(t), ""
		f.update(t, func(tx store.Tx) error {
			if u := f.Users.Get(tx, account, "bob"); strings.HasPrefix(spec, "user") {
				gone = u.ID
				f.Users.Delete(tx, u)
				return nil
			}
			role := f.Roles.Get(tx, account, "app")
			gone = role.ID
			f.Roles.Delete(tx, role)
			return nil
		})
		apply()
		arn := "arn:aws:iam::" + account + ":" + spec
		if got := f.shown(t, before, arn); got != gone {
			t.Errorf("%s is shown as %s, want %s", spec, got, gone)
		}
		caller, err := f.Principal(t.Context(), account, region, arn)
		if err != nil {
			t.Fatal(err)
		}
		if len(caller.Names) == 0 || caller.Names[0].ARN != arn {
			t.Errorf("%s has the names %+v, want %s", spec, caller.Names, arn)
		}
	}
}

// TestNamesForgottenAreNobody: a policy that means a user who is gone never comes
// to mean one that had the name later and has another today.
func TestNamesForgottenAreNobody(t *testing.T) {
	f := newFixture(t)
	const bob = "arn:aws:iam::" + account + ":user/bob"
	spec := identity.UserSpec{Account: account, Region: region, Name: "bob"}
	apply := func(path string) {
		t.Helper()
		spec.Path = path
		if err := f.ApplyUser(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	apply("/")
	f.update(t, func(tx store.Tx) error {
		f.Users.Delete(tx, f.Users.Get(tx, account, "bob"))
		return nil
	})
	for range 70 {
		apply("/")
		apply("/moved/")
	}
	if got := f.shown(t, 0, bob); f.Exists(t.Context(), got) {
		t.Errorf("the policy of the first bob means %s", got)
	}
}
