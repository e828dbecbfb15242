package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// Whoever uses a key goes before it, and a key goes before its sub-account and its scope.
func TestPain18_ADestroyEndsKeysAfterTheirUsersAndBeforeWhatTheyHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(`
resource "postern_scope" "test" {
  name    = "crm:write"
  implies = ["write"]
}
` + acme() + keyOf(`name = "test"`, `scopes = [postern_scope.test.name]`) + `
resource "terraform_data" "user" {
  input = postern_subaccount_apikey.test.id
  provisioner "local-exec" {
    when    = destroy
    command = "echo the user of ${self.output} is gone"
  }
}
`)
	c.ok("apply", "-no-color", "-auto-approve")
	id := w.keysOf("acme")[0].ID
	w.server.Reset()
	out := c.ok("destroy", "-no-color", "-auto-approve")
	user, key := strings.Index(out, "the user of "+id+" is gone"), strings.Index(out, "postern_subaccount_apikey.test: Destroying...")
	if user < 0 || key < user {
		t.Errorf("the key goes before its user: %s", out)
	}
	var deleted []string
	for _, r := range w.server.Requests() {
		if r.Method == "DELETE" {
			deleted = append(deleted, r.Route)
		}
	}
	if len(deleted) != 3 || deleted[0] != "/v1/subaccounts/{handle}/apikeys/{id}" {
		t.Errorf("deleted in the order %v", deleted)
	}
}

func TestPain18_DeletingAKeyThatIsGoneIsNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	c := w.pipeline(written() + keyIn(`"acme"`, `name = "test"`, `scopes = ["read"]`))
	c.ok("apply", "-no-color", "-auto-approve")
	c.ok("plan", "-no-color", "-destroy", "-out=destroy.tfplan")
	// Gone between the plan and the apply, the one with its whole sub-account.
	if err := w.client.APIKeys.Delete(t.Context(), w.only().ID); err != nil {
		t.Fatal(err)
	}
	if err := w.client.Subaccounts.Delete(t.Context(), "acme", client.DeleteAPIKeys()); err != nil {
		t.Fatal(err)
	}
	c.ok("apply", "-no-color", "destroy.tfplan")
	if state := c.ok("state", "list"); state != "" {
		t.Errorf("in the state: %s", state)
	}
}

// A lost answer of a delete, and one that says that the key is gone.
func TestPain18_ALostAnswerOfADeleteIsNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.LoseAnswers(1, "DELETE", "/v1/apikeys")
	c.ok("destroy", "-no-color", "-auto-approve")
	if n := len(slices.DeleteFunc(w.server.Requests(), func(r servertest.Request) bool { return r.Method != "DELETE" })); n != 2 || len(w.keys()) != 0 {
		t.Errorf("%d deletes, %d keys left", n, len(w.keys()))
	}
}

// removed as the documentation has it.
const removed = `
removed {
  from = postern_apikey.test

  lifecycle {
    destroy = false
  }
}
`

func TestPain18_AKeyCanOutliveItsStackForGoodOrForAWhile(t *testing.T) {
	t.Parallel()
	for name, grace := range map[string]time.Duration{"for good": 0, "for a while": day} {
		w := newWorld(t)
		c := w.pipeline("")
		head := c.read("main.tf")
		c.write(head + written())
		c.ok("apply", "-no-color", "-auto-approve")
		secret := secretInState(t, c)
		if grace > 0 {
			c.write(head + written(`expires_at = "`+w.server.Now().Add(grace).UTC().Format(time.RFC3339)+`"`))
			c.ok("apply", "-no-color", "-auto-approve")
		}
		c.write(head + removed)
		c.ok("apply", "-no-color", "-auto-approve")
		if state := c.ok("state", "list"); state != "" {
			t.Errorf("%s: in the state: %s", name, state)
		}
		if got := w.verdict(secret, "write"); got != api.VerifyValid {
			t.Errorf("%s: the key that was given up is %s", name, got)
		}
		c.ok("destroy", "-no-color", "-auto-approve")
		w.server.Advance(day + time.Second)
		want := api.VerifyValid
		if grace > 0 {
			want = api.VerifyExpired
		}
		if got := w.verdict(secret, "write"); got != want {
			t.Errorf("%s: in the end the key is %s, want %s", name, got, want)
		}
	}
}
