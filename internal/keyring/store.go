package keyring

import (
	"context"
	"errors"
	"time"
)

// What a Store's errors wrap. An adapter tells them apart by the database's
// result code, never by message text.
var (
	ErrNotFound    = errors.New("not found")
	ErrDuplicate   = errors.New("already there")
	ErrStale       = errors.New("changed since it was read")
	ErrFull        = errors.New("storage is full")
	ErrUnavailable = errors.New("storage does not answer")
)

// Store keeps the domain's records. storetest.Run is its contract: an adapter is
// a Store when it passes that.
type Store interface {
	// View runs fn on one consistent snapshot. It is for lists, counts and whatever
	// else grows with what is stored: a store runs few of them at once, the others
	// wait.
	View(ctx context.Context, fn func(Reader) error) error
	// Lookup is View for what finds single records by their keys: to authenticate, to
	// verify, to be ready. It never waits for a View, however many of them there are
	// and however long they take.
	Lookup(ctx context.Context, fn func(Reader) error) error
	// Update runs fn in a transaction: either all that fn wrote is durable
	// when Update returns nil, or nothing was written. Two Updates of one
	// account never overlap, whichever process they run in. fn may be run
	// again after a conflict, so all it does must be undone by a rollback.
	// An Update whose ctx ends before the commit writes nothing.
	Update(ctx context.Context, account string, fn func(Writer) error) error
	// Ping reports whether the store answers: it looks a credential up as a
	// verification does, and writes.
	Ping(ctx context.Context) error
	// Space says how much room the store has.
	Space() (Space, error)
	Close() error
}

// Space is how much room a store has.
type Space int

// The kinds of Space. A store keeps space back for writes that take power away, so that
// nobody can keep a revocation from going through by filling the disk.
const (
	SpaceEnough     Space = iota
	SpaceNearlyFull       // every write goes through, and soon will not
	SpaceFull             // only marked writes go through, see Urgency
)

// Urgency says whether a transaction may use the space that a store keeps back.
type Urgency int

// The kinds of Urgency, from the least to the greatest.
const (
	// Ordinary writes are refused with ErrFull once only the space kept back is left.
	Ordinary Urgency = iota
	// ReplacesPower is for writes that take something away and can be repeated
	// without end, such as a rotation. They may use half of the space kept back.
	ReplacesPower
	// TakesPower is for writes that only take away, such as a deletion. They may
	// use all of it.
	TakesPower
)

// Reader reads records. What is not there is ErrNotFound; slices come empty.
// Times come back in UTC, as they were written.
type Reader interface {
	Accounts(ctx context.Context) ([]Account, error) // by id
	Account(ctx context.Context, id string) (Account, error)

	Owner(ctx context.Context, id string) (Owner, error)
	Owners(ctx context.Context, account string) ([]Owner, error) // in the order of making

	// Subject returns whom any of the digests belongs to: at most one, as
	// digests are unique.
	Subject(ctx context.Context, digests [][]byte) (Subject, error)
	// APIUser returns the key of that username, with its Password set and no
	// Secret. Usernames are unique among all accounts.
	APIUser(ctx context.Context, username string) (Subject, error)

	// PasswordHistory returns the password of a key and all that it had before, in
	// no order; none when it never had one.
	PasswordHistory(ctx context.Context, account, apikey string) ([]SpentPassword, error)

	Subaccount(ctx context.Context, account, handle string) (Subaccount, error)
	// Subaccounts returns a page in the order of making, and the number of the record
	// after which the next one begins; 0 when nothing is left. A page may hold fewer
	// than Limit, even none, and still have a next one: a store looks at a bounded
	// number of records for one page, however few of them the query selects. A query
	// without filters gets full pages.
	Subaccounts(ctx context.Context, q SubaccountQuery) (page []Subaccount, next int64, err error)
	CountSubaccounts(ctx context.Context, account string) (int, error)

	// APIKey finds a key of the account wherever it is, also in a sub-account.
	APIKey(ctx context.Context, account, id string) (APIKey, error)
	// APIKeyNamed returns the oldest key of that name, to the letter, in the
	// sub-account of that id, or among the account's own keys for "".
	APIKeyNamed(ctx context.Context, account, subaccount, name string) (APIKey, error)
	// APIKeys returns a page as Subaccounts does.
	APIKeys(ctx context.Context, q APIKeyQuery) (page []APIKey, next int64, err error)
	// CountAPIKeys counts the keys of the sub-account of that id, or the account's own
	// for "". It costs the same for any number of them, and so does CountSubaccounts.
	CountAPIKeys(ctx context.Context, account, subaccount string) (int, error)
	// CountAPIKeysIn counts the keys of several sub-accounts, by the ids of those that
	// are the account's.
	CountAPIKeysIn(ctx context.Context, account string, subaccounts []string) (map[string]int, error)
	// HasAPIKeyGiven reports whether a key of the account or of its sub-accounts was
	// given any of the scopes by name. It costs a look-up for each scope.
	HasAPIKeyGiven(ctx context.Context, account string, scopes []string) (bool, error)
	// APIKeysGiven returns keys of the account and of all its sub-accounts that were
	// given any of the scopes by name, in the order of making, at most limit, and how
	// many there are in all. It takes longer the more there are, and of very many it
	// looks at a part: the number is then the least that there are.
	APIKeysGiven(ctx context.Context, account string, scopes []string, limit int) ([]APIKey, int, error)

	CustomScopes(ctx context.Context, account string) ([]CustomScope, error) // by name

	// UsageOf returns the counts of one key from that day on, by (Day, Scope).
	UsageOf(ctx context.Context, account, apikey string, since time.Time) ([]UsageCount, error)
	// Requests returns how many requests were counted for the account in the hours
	// from that one on.
	Requests(ctx context.Context, account string, since time.Time) (int64, error)

	IdempotencyRecord(ctx context.Context, account string, id []byte) (IdempotencyRecord, error)
	// HasEndedSecrets reports whether the overlap of any secret is over at that time.
	HasEndedSecrets(ctx context.Context, at time.Time) (bool, error)
	// RecordedTime is the newest time that was known; the zero time before the first.
	RecordedTime(ctx context.Context) (time.Time, error)
	PepperVersions(ctx context.Context) ([]int, error) // of all stored secrets and passwords, sorted
	// PepperChecks returns what InsertPepperCheck has stored, by pepper version.
	PepperChecks(ctx context.Context) (map[int][]byte, error)

	AuditHead(ctx context.Context, account string) (AuditEvent, error) // the last one; the zero value when there is none
	// AuditEvents returns a page by Seq, as Subaccounts does.
	AuditEvents(ctx context.Context, q AuditQuery) (page []AuditEvent, next int64, err error)
	AuditAnchor(ctx context.Context, account string) (AuditAnchor, error) // the zero value when there is none
}

// Writer reads and writes records. An insert of what is there already is
// ErrDuplicate; an update or delete of what is not there is ErrNotFound.
//
// The store numbers what is made in an account: InsertOwner, InsertSubaccount and
// InsertAPIKey give each record a number above all that the account has ever given, also
// to what was removed since. That is the order of making, whatever the clock says.
type Writer interface {
	Reader

	// Mark raises the transaction's urgency. It stands before the first write of
	// what is marked.
	Mark(u Urgency)

	InsertAccount(ctx context.Context, a Account) error
	SetStanding(ctx context.Context, account, standing string) error
	InsertOwner(ctx context.Context, o Owner) error
	// DeleteOwner removes the owner and its secret.
	DeleteOwner(ctx context.Context, account, id string) error

	InsertAPIKey(ctx context.Context, key APIKey) error
	// UpdateAPIKey replaces the key when its stored Revision is still
	// key.Revision-1, and is ErrStale otherwise. CreatedAt never changes.
	UpdateAPIKey(ctx context.Context, key APIKey) error
	// DeleteAPIKey removes the key with its secrets, its password and its usage.
	DeleteAPIKey(ctx context.Context, account, id string) error
	// SetFailures notes how many wrong passwords in a row a key has had, and since
	// when it is locked. It leaves the revision as it is.
	SetFailures(ctx context.Context, account, id string, failures int, lockedAt *time.Time) error

	InsertSubaccount(ctx context.Context, s Subaccount) error
	// UpdateSubaccount replaces the sub-account as UpdateAPIKey does a key. ID,
	// Handle and CreatedAt never change.
	UpdateSubaccount(ctx context.Context, s Subaccount) error
	// DeleteAPIKeysOf removes the oldest keys of the sub-account of that id, at most limit.
	DeleteAPIKeysOf(ctx context.Context, account, subaccount string, limit int) error
	// DeleteSubaccount removes the sub-account of that id with all of its keys. To delete
	// a key takes a while, so it is for few of them.
	DeleteSubaccount(ctx context.Context, account, id string) error

	// Each of these raises the account's ScopesRevision by one.
	InsertCustomScope(ctx context.Context, s CustomScope) error
	// UpdateCustomScope replaces the scope as UpdateAPIKey does a key. Name, Class
	// and CreatedAt never change.
	UpdateCustomScope(ctx context.Context, s CustomScope) error
	DeleteCustomScope(ctx context.Context, account, name string) error

	// SetPassword stores a key's password in place of an earlier one, which joins those
	// that are spent. A hash that the key has or had is ErrDuplicate.
	SetPassword(ctx context.Context, p StoredPassword) error

	// AddUsage adds to the counts of the account's keys. Keys that are not there (any
	// more) are passed over.
	AddUsage(ctx context.Context, account string, counts []UsageCount) error
	// AddRequests adds to the requests of the account in one hour.
	AddRequests(ctx context.Context, account string, hour time.Time, n int64) error
	// DeleteUsageBefore removes the account's counts, of keys and of requests, from
	// before that day.
	DeleteUsageBefore(ctx context.Context, account string, day time.Time) error

	// InsertSecret adds a secret to a holder. One whose fingerprint any secret has, or
	// had that is removed, is ErrDuplicate, whoever holds or held it and whichever
	// pepper it is digested under.
	InsertSecret(ctx context.Context, s StoredSecret) error
	// EndSecret sets when one secret of a holder stops working.
	EndSecret(ctx context.Context, holder string, version int, at time.Time) error
	// DeleteSecretsBefore removes a holder's secrets of lower versions.
	DeleteSecretsBefore(ctx context.Context, holder string, version int) error

	// DeleteEndedSecrets removes secrets of all accounts whose overlap is over at that
	// time, at most limit, and returns how many.
	DeleteEndedSecrets(ctx context.Context, at time.Time, limit int) (int, error)
	// DeleteSecretsReplacedAfter removes the secrets of API keys that are in their
	// overlap and whose successor was made after that time.
	DeleteSecretsReplacedAfter(ctx context.Context, at time.Time) (int, error)

	// RaiseRecordedTime records a time unless a later one is recorded.
	RaiseRecordedTime(ctx context.Context, at time.Time) error
	// SetRecordedTime records a time though it may be earlier.
	SetRecordedTime(ctx context.Context, at time.Time) error

	// InsertPepperCheck stores the digest of a known text under a pepper.
	InsertPepperCheck(ctx context.Context, version int, digest []byte) error

	InsertIdempotencyRecord(ctx context.Context, r IdempotencyRecord) error
	// DeleteIdempotencyRecordsBefore removes the oldest of the account's records made
	// before that time, at most limit.
	DeleteIdempotencyRecordsBefore(ctx context.Context, account string, at time.Time, limit int) error
	// DeleteIdempotencyRecord removes a record, if it is there.
	DeleteIdempotencyRecord(ctx context.Context, account string, id []byte) error

	// AppendAudit adds an event; its Seq must be one more than the head's,
	// or it is ErrDuplicate.
	AppendAudit(ctx context.Context, e AuditEvent) error
	// TrimAudit removes the events of the anchor's account up to its Seq, and
	// keeps the anchor in place of an earlier one.
	TrimAudit(ctx context.Context, a AuditAnchor) error
}

// Kinds of holder of a secret.
const (
	HolderAPIKey = "apikey"
	HolderOwner  = "owner"
)

// StoredSecret is all that is kept of a secret.
type StoredSecret struct {
	Digest        []byte // HMAC-SHA256 under the pepper; unique
	PepperVersion int
	Fingerprint   []byte // SHA-256, for leak reports
	Account       string
	HolderKind    string
	Holder        string // the id of the API key or owner
	Version       int
	CreatedAt     time.Time
	EndsAt        *time.Time // the end of its overlap; nil for the current secret
}

// Subject is whom a secret belongs to.
type Subject struct {
	Secret  StoredSecret
	Account Account
	APIKey  *APIKey // set when Secret.HolderKind is HolderAPIKey
	Owner   *Owner  // set when it is HolderOwner

	Subaccount *Subaccount     // of the key; nil when it has none
	Password   *StoredPassword // set by APIUser only
}

// StoredPassword is all that is kept of a password that someone chose: there is no
// fingerprint of it, as its hash could be searched.
type StoredPassword struct {
	Account       string
	APIKey        string
	Hash          string // argon2id over the peppered password, in the PHC string format
	PepperVersion int
	CreatedAt     time.Time
}

// SpentPassword is a password that a key has or had.
type SpentPassword struct {
	Hash          string // as StoredPassword.Hash
	PepperVersion int
}

// UsageCount is how often a key was let in on one day with one scope.
type UsageCount struct {
	APIKey     string
	Day        time.Time // midnight in UTC
	Scope      string    // empty for requests that asked for none
	Uses       int64
	LastUsedAt time.Time
}

// SubaccountQuery selects sub-accounts of one account. Zero fields select all.
type SubaccountQuery struct {
	Account      string
	HandlePrefix string // to the letter
	// HandlePrefixAnyCase is a prefix whose letters from A to Z may be of either case.
	HandlePrefixAnyCase string
	Status              string // api.SubaccountActive or SubaccountSuspended
	After               int64  // a number greater than this; 0 for the first page
	Limit               int    // the most to return; at least 1
}

// IdempotencyRecord is the first answer to a request that may be repeated.
type IdempotencyRecord struct {
	Account   string
	ID        []byte // names caller and Idempotency-Key; reveals neither
	Request   []byte // names the request's content
	Answer    []byte // sealed: the database alone never opens it
	CreatedAt time.Time
}

// APIKeyQuery selects keys of one sub-account, or of the account itself. Other zero
// fields select all.
type APIKeyQuery struct {
	Account    string
	Subaccount string // the id of the sub-account; empty for the account's own keys
	IDs        []string
	Name       string // exactly this one
	NamePrefix string // to the letter; no character is special
	Status     string // api.StatusActive and so on, at Now
	Now        time.Time
	Scope      string // given to the key by this name, not by implication
	After      int64  // a number greater than this; 0 for the first page
	Limit      int    // the most keys to return; at least 1
}

// AuditQuery selects events of one account. Zero fields select all.
type AuditQuery struct {
	Account      string
	Subaccount   string // the id of a sub-account
	ActorKind    string
	Actor        string
	Target       string
	Action       string // exactly this one
	ActionPrefix string // to the letter
	Outcome      string
	Since        time.Time // at this time or later
	Until        time.Time // before this time
	After        int64     // a Seq greater than this
	Limit        int       // the most events to return; at least 1
}
