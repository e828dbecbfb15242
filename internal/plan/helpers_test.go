package plan_test

import "github.com/postern-dev/terraform-provider-postern/internal/secret"

func secretOf(text string) secret.Secret { return secret.From(text) }
