package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// keyAddress is the example's key.
const keyAddress = "postern_apikey.newsletter"

// apiKey is what a plan or a state says of the key. What a plan does not know
// yet is the zero value.
type apiKey struct {
	ID                      string   `json:"id"`
	Username                string   `json:"username"`
	Scopes                  []string `json:"scopes"`
	EffectiveScopes         []string `json:"effective_scopes"`
	Secret                  string   `json:"secret"`
	SecretHint              string   `json:"secret_hint"`
	SecretVersion           int      `json:"secret_version"`
	PreviousSecretExpiresAt string   `json:"previous_secret_expires_at"`
	RotationReason          string   `json:"rotation_reason"`
	RotatesAfter            string   `json:"rotates_after"`
}

// caller is who shows the key.
func (k apiKey) caller() caller { return caller{username: k.Username, secret: k.Secret} }

// mark is what a person recognises the key by.
func (k apiKey) mark() string {
	if k.Username != "" {
		return k.Username
	}
	return k.SecretHint
}

// keyChange is what a plan does to the key.
type keyChange struct {
	Actions []string
	Before  apiKey
	After   apiKey
}

// is reports whether the change is this one action.
func (c keyChange) is(action string) bool { return slices.Equal(c.Actions, []string{action}) }

// parsePlan reads the key's change from what terraform show -json says of a
// saved plan.
func parsePlan(text []byte) (keyChange, error) {
	var plan struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Change  struct {
				Actions []string `json:"actions"`
				Before  *apiKey  `json:"before"`
				After   *apiKey  `json:"after"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return keyChange{}, fmt.Errorf("reading the plan: %w", err)
	}
	for _, r := range plan.ResourceChanges {
		if r.Address != keyAddress {
			continue
		}
		c := keyChange{Actions: r.Change.Actions}
		if r.Change.Before != nil {
			c.Before = *r.Change.Before
		}
		if r.Change.After != nil {
			c.After = *r.Change.After
		}
		return c, nil
	}
	return keyChange{}, errors.New("the plan says nothing about " + keyAddress)
}

// parseState reads the key from what terraform show -json says of the state.
func parseState(text []byte) (apiKey, error) {
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string `json:"address"`
					Values  apiKey `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return apiKey{}, fmt.Errorf("reading the state: %w", err)
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == keyAddress {
			return r.Values, nil
		}
	}
	return apiKey{}, errors.New("the state holds no " + keyAddress)
}
