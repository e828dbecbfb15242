package main

import "testing"

func TestServerLog_FindsTheAddressOnce(t *testing.T) {
	t.Parallel()
	l := &serverLog{found: make(chan string, 1)}
	for _, part := range []string{"starting\npostern is ready at http://127.0.0.1:80", "80", ".\n", "again http://127.0.0.1:9 \n"} {
		select {
		case got := <-l.found:
			t.Fatalf("found %s before the line was whole", got)
		default:
		}
		if _, err := l.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		if part == ".\n" {
			if got := <-l.found; got != "http://127.0.0.1:8080" {
				t.Fatalf("found %s", got)
			}
		}
	}
	if len(l.found) != 0 {
		t.Error("found a second address")
	}
}

func TestServer_StopWithoutAServer(t *testing.T) {
	t.Parallel()
	var s *server
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}
