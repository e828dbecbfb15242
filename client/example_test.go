package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func Example() {
	server := httptest.NewServer(exampleServer())
	defer server.Close()
	ctx := context.Background()

	c, err := client.New(server.URL, "an-owner-credential", client.WithUserAgent("example/1.0"))
	if err != nil {
		fmt.Println(err)
		return
	}

	issued, err := c.APIKeys.Create(ctx, api.CreateAPIKey{Name: "ci", Scopes: []string{"apikeys:read"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("made", issued.Name, "with a secret:", !issued.Secret.IsZero())

	for key, err := range c.APIKeys.All(ctx, client.ListAPIKeys{NamePrefix: "c"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("found", key.Name, key.Scopes)
	}

	_, err = c.APIKeys.Get(ctx, "key_other")
	var refused *client.Error
	if errors.Is(err, client.ErrNotFound) && errors.As(err, &refused) {
		fmt.Println(refused.Code, refused.RequestID)
	}
	// Output:
	// made ci with a secret: true
	// found ci [apikeys:read]
	// not_found req_1
}

// exampleServer stands for a real one, such as "postern serve" starts.
func exampleServer() http.Handler {
	key := api.APIKey{ID: "key_1", Name: "ci", Scopes: []string{"apikeys:read"}, Status: api.StatusActive, SecretVersion: 1, Revision: 1}
	answer := func(w http.ResponseWriter, status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set(api.HeaderRequestID, "req_1")
		w.WriteHeader(status)
		text, err := api.MarshalWire(body)
		if err == nil {
			_, _ = w.Write(text)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/apikeys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusCreated, api.IssuedAPIKey{APIKey: key, Secret: api.NewSecret("pst_example")})
	})
	mux.HandleFunc("GET /v1/apikeys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, api.Page[api.APIKey]{Items: []api.APIKey{key}})
	})
	mux.HandleFunc("GET /v1/apikeys/{id}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, api.Problem{Status: http.StatusNotFound, Code: api.CodeNotFound, Detail: "There is no such API key."})
	})
	return mux
}
