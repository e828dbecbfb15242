package main

import (
	"errors"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// refused expects that a call has failed in this way, and returns what the server
// said about it.
func refused(err error, code api.Code) (string, error) {
	var e *client.Error
	switch {
	case err == nil:
		return "", errors.New("it was not refused")
	case !errors.As(err, &e) || e.Code != code:
		return "", fmt.Errorf("it was not refused as %s: %w", code, err)
	case len(e.Fields) > 0:
		return e.Fields[0].Message, nil
	}
	return e.Message, nil
}

// tellRefusal tells that the platform does not allow something, which was tried.
func (t *tour) tellRefusal(what string, err error) error {
	why, err := refused(err, api.CodeUnsupported)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	t.narrator.say("refused: %s", why)
	return nil
}
