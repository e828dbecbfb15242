package keyring

import "container/list"

// shares is a memory that accounts share, each with entries of its own. When an account
// has its most, or all of the memory is taken, the oldest entry makes room: that of the
// account itself, or of the one with the most when others have more than it. So no
// account's flood takes what another one remembers. It needs a lock around it.
type shares[K comparable, V any] struct {
	most, mostEach int // entries of all accounts, and of one
	n              int
	accounts       map[string]*share[K, V]
}

type share[K comparable, V any] struct {
	entries map[K]*list.Element
	order   list.List // of entry[K, V], oldest first
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func (s *shares[K, V]) get(account string, key K) (value V, ok bool) {
	if of := s.accounts[account]; of != nil {
		if e := of.entries[key]; e != nil {
			return e.Value.(entry[K, V]).value, true //nolint:forcetypeassert // put stores nothing else
		}
	}
	return value, false
}

// put sets an entry and makes it the newest of its account.
func (s *shares[K, V]) put(account string, key K, value V) {
	if s.accounts == nil {
		s.accounts = map[string]*share[K, V]{}
	}
	of := s.accounts[account]
	if of == nil {
		of = &share[K, V]{entries: map[K]*list.Element{}}
		s.accounts[account] = of
	}
	if e := of.entries[key]; e != nil {
		e.Value = entry[K, V]{key, value}
		of.order.MoveToBack(e)
		return
	}
	if len(of.entries) >= s.mostEach {
		s.drop(account)
	} else if s.n >= s.most {
		s.drop(s.largest(account))
	}
	s.accounts[account] = of // also when the last of its entries made room
	of.entries[key] = of.order.PushBack(entry[K, V]{key, value})
	s.n++
}

// largest is the account that makes room for one more of the given one: itself, when it
// has its even part of the memory.
func (s *shares[K, V]) largest(account string) string {
	most := len(s.accounts[account].entries)
	if most > 0 && most >= s.most/len(s.accounts) {
		return account
	}
	for other, of := range s.accounts {
		if len(of.entries) > most {
			account, most = other, len(of.entries)
		}
	}
	return account
}

// drop removes the oldest entry of an account.
func (s *shares[K, V]) drop(account string) {
	of := s.accounts[account]
	oldest := of.order.Front()
	if oldest == nil {
		return
	}
	delete(of.entries, of.order.Remove(oldest).(entry[K, V]).key) //nolint:forcetypeassert // as in get
	if s.n--; len(of.entries) == 0 {
		delete(s.accounts, account)
	}
}
