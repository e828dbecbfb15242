package sqlite

// SetReach makes pages end early, so that few records show what many would.
func (s *Store) SetReach(entries int) { s.reach = entries }
