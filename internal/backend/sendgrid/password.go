package sendgrid

import (
	"crypto/rand"
	"math/big"
)

const passwordLength = 48

// newPassword is a password that nobody will know: it goes into one request and is
// kept nowhere. It has characters of each class that a rule could ask for.
func newPassword() string {
	classes := []string{"ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#%+-=?@_"}
	var text []byte
	all := ""
	for _, class := range classes {
		text = append(text, class[below(len(class))])
		all += class
	}
	for len(text) < passwordLength {
		text = append(text, all[below(len(all))])
	}
	for i := len(text) - 1; i > 0; i-- {
		j := below(i + 1)
		text[i], text[j] = text[j], text[i]
	}
	return string(text)
}

// below is a random number from 0 to n-1.
func below(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail: it ends the program itself
	}
	return int(i.Int64())
}
