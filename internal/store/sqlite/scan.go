package sqlite

import (
	"database/sql/driver"
	"fmt"
)

// bind is a statement's arguments as the driver takes them.
func bind(args []any) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d of a statement: %w", i+1, err)
		}
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return values, nil
}

// scan writes a row's values to where the pointers lead. The driver has copied
// text and blobs already, so they are kept as they are. The tables are STRICT:
// a value that does not fit its pointer is a mistake in a statement.
func scan(row []driver.Value, into []any) error {
	if len(row) != len(into) {
		return fmt.Errorf("a row has %d columns and not %d", len(row), len(into))
	}
	for i, v := range row {
		if !set(into[i], v) {
			return fmt.Errorf("column %d holds %T, which does not fit %T", i+1, v, into[i])
		}
	}
	return nil
}

// set reports whether the value fits. A pointer to a pointer, or to bytes, takes
// NULL as nil.
func set(into any, v driver.Value) (ok bool) {
	switch p := into.(type) {
	case *string:
		*p, ok = v.(string)
	case *int64:
		*p, ok = v.(int64)
	case *int:
		var n int64
		n, ok = v.(int64)
		*p = int(n)
	case *bool:
		var n int64
		n, ok = v.(int64)
		*p = n != 0
	case *[]byte:
		switch v := v.(type) {
		case []byte:
			*p, ok = v, true
		case string:
			*p, ok = []byte(v), true
		case nil:
			*p, ok = nil, true
		}
	case **string:
		return setOrNil(p, v)
	case **int64:
		return setOrNil(p, v)
	case **bool:
		return setOrNil(p, v)
	}
	return ok
}

func setOrNil[T any](p **T, v driver.Value) bool {
	if v == nil {
		*p = nil
		return true
	}
	*p = new(T)
	return set(*p, v)
}
