// Package contract holds the answers of the vendors' paths against the vendors' own
// descriptions of them. It has tests only. The descriptions are no part of this
// repository: the tests look for shared/data/openapi beside the checkout.
package contract
