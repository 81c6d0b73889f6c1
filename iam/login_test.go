package iam_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/wire"
)

const password = "Correct-Horse-1"

func (w *testbed) login(user string) *iam.LoginProfile {
	w.t.Helper()
	return must[*iam.CreateLoginProfileOutput](w.t)(w.CreateLoginProfile(w.ctx(), &iam.CreateLoginProfileInput{UserName: user, Password: password})).LoginProfile
}

func TestLoginProfile(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	none := "Login Profile for User u cannot be found."
	_, err := w.GetLoginProfile(w.ctx(), &iam.GetLoginProfileInput{UserName: "u"})
	fails(t, err, "NoSuchEntity", 404, none)
	_, err = w.DeleteLoginProfile(w.ctx(), &iam.DeleteLoginProfileInput{UserName: "u"})
	fails(t, err, "NoSuchEntity", 404, none)
	_, err = w.UpdateLoginProfile(w.ctx(), &iam.UpdateLoginProfileInput{UserName: "u", PasswordResetRequired: ptr(true)})
	fails(t, err, "NoSuchEntity", 404, none)
	if diff := cmp.Diff(&iam.LoginProfile{UserName: "u", CreateDate: start}, w.login("u")); diff != "" {
		t.Error(diff)
	}
	_, err = w.CreateLoginProfile(w.ctx(), &iam.CreateLoginProfileInput{UserName: "u", Password: password})
	fails(t, err, "EntityAlreadyExists", 409, "Login Profile for user u already exists.")
	_, err = w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must delete login profile first.")

	update := func(in iam.UpdateLoginProfileInput) {
		t.Helper()
		in.UserName = "u"
		must[*iam.UpdateLoginProfileOutput](t)(w.UpdateLoginProfile(w.ctx(), &in))
	}
	update(iam.UpdateLoginProfileInput{PasswordResetRequired: ptr(true)})
	update(iam.UpdateLoginProfileInput{Password: "Another-Horse-2"}) // what is left out stays
	get := func() *iam.LoginProfile {
		t.Helper()
		return must[*iam.GetLoginProfileOutput](t)(w.GetLoginProfile(w.as(w.who("user/u")), &iam.GetLoginProfileInput{})).LoginProfile
	}
	if diff := cmp.Diff(&iam.LoginProfile{UserName: "u", CreateDate: start, PasswordResetRequired: true}, get()); diff != "" {
		t.Error(diff)
	}
	update(iam.UpdateLoginProfileInput{PasswordResetRequired: ptr(false)})
	if diff := cmp.Diff(&iam.LoginProfile{UserName: "u", CreateDate: start}, get()); diff != "" {
		t.Error(diff)
	}
	must[*iam.DeleteLoginProfileOutput](t)(w.DeleteLoginProfile(w.ctx(), &iam.DeleteLoginProfileInput{UserName: "u"}))
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"}))

	_, err = w.GetLoginProfile(w.ctx(), &iam.GetLoginProfileInput{}) // the root user has none
	fails(t, err, "ValidationError", 400, "Must specify userName when calling with non-User credentials")
}

func TestChangePassword(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	change := func(from, to string) error {
		_, err := w.call(w.who("user/u"), "ChangePassword", &iam.ChangePasswordInput{OldPassword: from, NewPassword: to})
		return err
	}
	const mine = "arn:aws:iam::" + account + ":user/u"
	fails(t, change(password, "Another-Horse-2"), "AccessDenied", 403, "User: "+mine+" is not authorized to perform: iam:ChangePassword on resource: "+mine+"*")
	w.put("u", "p", statement(`{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"`+mine+`"}`))
	fails(t, change(password, "Another-Horse-2"), "NoSuchEntity", 404, "Login Profile for User u cannot be found.")
	must[*iam.CreateLoginProfileOutput](t)(w.CreateLoginProfile(w.ctx(), &iam.CreateLoginProfileInput{UserName: "u", Password: password, PasswordResetRequired: true}))
	fails(t, change("wrong", "Another-Horse-2"), "AccessDenied", 403, "The old password was incorrect.")
	fails(t, change(password, "short"), "PasswordPolicyViolation", 400, "Password does not conform to the account password policy.")
	if err := change(password, "Another-Horse-2"); err != nil {
		t.Fatal(err)
	}
	fails(t, change(password, "Third-Horse-3"), "AccessDenied", 403, "The old password was incorrect.")
	if got := must[*iam.GetLoginProfileOutput](t)(w.GetLoginProfile(w.ctx(), &iam.GetLoginProfileInput{UserName: "u"})).LoginProfile; got.PasswordResetRequired {
		t.Error("a new password is still asked for")
	}
	_, err := w.ChangePassword(w.ctx(), &iam.ChangePasswordInput{OldPassword: password, NewPassword: password})
	fails(t, err, "InvalidUserType", 400, "Only IAM Users can change their own password.")
}

// The account's password policy allows its users to change their own password,
// unless something denies it.
func TestUsersMayChangeTheirPassword(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.login("u")
	change := func() error {
		_, err := w.call(w.who("user/u"), "ChangePassword", &iam.ChangePasswordInput{OldPassword: password, NewPassword: password})
		return err
	}
	read := func() error {
		_, err := w.call(w.who("user/u"), "GetAccountPasswordPolicy", &iam.GetAccountPasswordPolicyInput{})
		return err
	}
	for _, allowed := range []bool{false, true} {
		must[*iam.UpdateAccountPasswordPolicyOutput](t)(w.UpdateAccountPasswordPolicy(w.ctx(), &iam.UpdateAccountPasswordPolicyInput{AllowUsersToChangePassword: allowed}))
		for what, err := range map[string]error{"change": change(), "read": read()} {
			if (err == nil) != allowed {
				t.Errorf("AllowUsersToChangePassword %v: %s: %v", allowed, what, err)
			}
		}
	}
	w.put("u", "p", statement(`{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}`))
	fails(t, change(), "AccessDenied", 403, "*")
}

// Whom the policy allows it is the user that calls, whoever had its name before
// and whatever its path is.
func TestUsersOfAnyARNMayChangeTheirPassword(t *testing.T) {
	w := newTestbed(t)
	must[*iam.UpdateAccountPasswordPolicyOutput](t)(w.UpdateAccountPasswordPolicy(w.ctx(), &iam.UpdateAccountPasswordPolicyInput{AllowUsersToChangePassword: true}))
	w.user("again")
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "again"}))
	w.user("again")
	must[*iam.CreateUserOutput](t)(w.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: "quoted", Path: `/a"b/`}))
	for _, name := range []string{"again", "quoted"} {
		w.login(name)
		if _, err := w.call(w.who("user/"+name), "ChangePassword", &iam.ChangePasswordInput{OldPassword: password, NewPassword: password}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPasswordPolicy(t *testing.T) {
	w := newTestbed(t)
	none := "The Password Policy with domain name " + account + " cannot be found."
	_, err := w.GetAccountPasswordPolicy(w.ctx(), &iam.GetAccountPasswordPolicyInput{})
	fails(t, err, "NoSuchEntity", 404, none)
	_, err = w.DeleteAccountPasswordPolicy(w.ctx(), &iam.DeleteAccountPasswordPolicyInput{})
	fails(t, err, "NoSuchEntity", 404, "The account policy with name PasswordPolicy cannot be found.")
	set := func(in iam.UpdateAccountPasswordPolicyInput) *iam.PasswordPolicy {
		t.Helper()
		must[*iam.UpdateAccountPasswordPolicyOutput](t)(w.UpdateAccountPasswordPolicy(w.ctx(), &in))
		return must[*iam.GetAccountPasswordPolicyOutput](t)(w.GetAccountPasswordPolicy(w.ctx(), &iam.GetAccountPasswordPolicyInput{})).PasswordPolicy
	}
	got := set(iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: ptr(12), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
		AllowUsersToChangePassword: true, MaxPasswordAge: ptr(90), PasswordReusePrevention: ptr(3), HardExpiry: true,
	})
	want := &iam.PasswordPolicy{
		MinimumPasswordLength: 12, RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
		AllowUsersToChangePassword: true, ExpirePasswords: true, MaxPasswordAge: 90, PasswordReusePrevention: 3, HardExpiry: ptr(true),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&iam.PasswordPolicy{MinimumPasswordLength: 6}, set(iam.UpdateAccountPasswordPolicyInput{})); diff != "" { // no patch [I101]
		t.Error(diff)
	}
	must[*iam.DeleteAccountPasswordPolicyOutput](t)(w.DeleteAccountPasswordPolicy(w.ctx(), &iam.DeleteAccountPasswordPolicyInput{}))
	_, err = w.GetAccountPasswordPolicy(w.ctx(), &iam.GetAccountPasswordPolicyInput{})
	fails(t, err, "NoSuchEntity", 404, none)
}

func TestPasswordsAgainstThePolicy(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.login("u")
	must[*iam.CreateAccountAliasOutput](t)(w.CreateAccountAlias(w.ctx(), &iam.CreateAccountAliasInput{AccountAlias: "the-account-1"}))
	update := func(password string) error {
		_, err := w.UpdateLoginProfile(w.ctx(), &iam.UpdateLoginProfileInput{UserName: "u", Password: password})
		return err
	}
	try := func(bad, good []string) {
		t.Helper()
		for _, p := range bad {
			fails(t, update(p), "PasswordPolicyViolation", 400, "Password does not conform to the account password policy.")
		}
		for _, p := range good {
			if err := update(p); err != nil {
				t.Errorf("%s: %v", p, err)
			}
		}
	}
	policy := func(in iam.UpdateAccountPasswordPolicyInput) {
		t.Helper()
		must[*iam.UpdateAccountPasswordPolicyOutput](t)(w.UpdateAccountPasswordPolicy(w.ctx(), &in))
	}
	// AWS's own: eight characters, of three kinds, and not the account's name [I104].
	try([]string{"Short-1", "lowercase-only", "The-Account-1"}, []string{"lower1234-", "UPPERlower1"})
	policy(iam.UpdateAccountPasswordPolicyInput{})
	try([]string{"five5"}, []string{"sixsix"})
	policy(iam.UpdateAccountPasswordPolicyInput{RequireNumbers: true})
	try([]string{"letters"}, []string{"letters1"})
	policy(iam.UpdateAccountPasswordPolicyInput{RequireSymbols: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true, MinimumPasswordLength: ptr(9)})
	try([]string{"lower-only", "UPPER-ONLY", "NoSymbolHere", "Short-er", "Tilde~~~~~"}, []string{"Long-enough"})
	policy(iam.UpdateAccountPasswordPolicyInput{PasswordReusePrevention: ptr(2)})
	try(nil, []string{"first-1", "second-2"})
	try([]string{"first-1", "second-2"}, []string{"third-3", "first-1"})
}

// Passwords are neither in what CloudTrail records nor in what is stored.
func TestPasswordsAreSecret(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.login("u")
	for _, in := range []any{
		&iam.CreateLoginProfileInput{UserName: "u", Password: password},
		&iam.UpdateLoginProfileInput{UserName: "u", Password: password},
		&iam.ChangePasswordInput{OldPassword: password, NewPassword: password},
	} {
		if record := string(wire.TrailParameters(nil, in)); strings.Contains(record, password) {
			t.Errorf("the trail records %s", record)
		}
	}
	err := w.dir.View(t.Context(), func(r store.Reader) error {
		for key, value := range r.Scan("", "", store.All) {
			if strings.Contains(string(value), password) {
				t.Errorf("%q holds the password as it is", key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
