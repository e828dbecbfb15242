// Package plan decides what an apply will do, and says what is wrong or worth a look about
// it. It knows no framework, no network and no clock: all that it goes by comes in as plain
// data, so that a plan is a pure function, and two plans of the same input agree.
//
// Each kind of resource is planned in four steps, in this order:
//
//	load     the provider asks the service for what a plan goes by, and fills the input.
//	         Wants of a plan says what it could still use; the provider asks for that and
//	         plans once more
//	resolve  what the configuration leaves to defaults is filled in: whose key it is, which
//	         scopes it gets, and what these grant
//	decide   the planned value of each attribute, and so what the apply does. Nothing later
//	         changes it
//	check    a list of functions, each of which reads the input and what was decided, and
//	         returns findings. They know nothing of each other
//
// A finding is data: where, how grave, what, about which key. The provider makes diagnostics
// of them, and whatever else judges plans can use the same.
//
// Value is null, unknown or known, as everything in a plan is. Its zero value is null, so
// that what a caller leaves out is what a configuration leaves out.
package plan
